-- Every change of a commit to a file, in the order in which each repository was written. What of it was written not long
-- before is not SQL: windows over hundreds of thousands of files, each with a few rows, are slow.
-- The left side of a join is the one held in memory.
WITH touched AS (
  -- What one commit did to one file; the same whichever source tells it.
  SELECT commit, path, max(coalesce(additions, 0)) AS additions, max(coalesce(deletions, 0)) AS deletions,
         max(previous_path) AS previous_path
  FROM commit_files
  GROUP BY commit, path
),
known AS (
  SELECT k.id AS commit, min(k.repository) AS repository, min(k.authored_at) AS authored_at,
         bool_or(coalesce(k.is_merge, array_length(k.parents) > 1, false)) AS is_merge
  FROM (SELECT DISTINCT commit FROM commit_files) c
  JOIN commits k ON k.id = c.commit
  GROUP BY k.id
),
-- A merge says again what its branches say, unless it is all that is known of a pull request.
placed AS (
  SELECT coalesce(k.commit, m.commit) AS commit, coalesce(k.repository, m.repository) AS repository,
         coalesce(k.authored_at, m.authored_at) AS authored_at,
         coalesce(NOT m.is_echo, NOT k.is_merge) AS writes
  FROM (SELECT * FROM facts.merged_commits WHERE commit IS NOT NULL) m
  FULL JOIN known k ON k.commit = m.commit
)
SELECT k.repository, k.authored_at, t.commit, t.path, t.previous_path, t.additions, t.deletions, k.writes
FROM placed k
JOIN touched t ON t.commit = k.commit
ORDER BY k.repository, k.authored_at, t.commit, t.path
