-- The left side of a join is the one held in memory. What is named twice is computed twice.
WITH merged AS (
  SELECT source, id, repository, merge_commit, merged_at
  FROM pull_requests
  WHERE state = 'MERGED' AND merged_at IS NOT NULL
),
-- The commits of each pull request, and the one that its merge left.
named AS (
  SELECT p.source, p.id, p.repository, p.merged_at, c.commit, c.authored_at, true AS is_own
  FROM merged p
  JOIN pull_request_commits c ON c.source = p.source AND c.pull_request = p.id
  UNION ALL
  SELECT source, id, repository, merged_at, merge_commit AS commit, merged_at AS authored_at, false AS is_own FROM merged
),
collected AS (
  SELECT DISTINCT commit FROM commit_files
),
-- A sha is the same in every source.
known AS (
  SELECT k.id AS commit, min(k.authored_at) AS known_at,
         bool_or(coalesce(k.is_merge, array_length(k.parents) > 1, false)) AS is_merge,
         bool_or(coalesce(k.files_changed = 0, false)) AS is_empty
  FROM (SELECT DISTINCT commit FROM named) n
  JOIN commits k ON k.id = n.commit
  GROUP BY k.id
),
timed AS (
  SELECT n.source, n.id, n.repository, n.merged_at, n.commit, coalesce(k.known_at, n.authored_at) AS authored_at,
         coalesce(k.is_empty, false) AS is_empty, coalesce(k.is_merge, false) AS is_merge, n.is_own
  FROM known k
  RIGHT JOIN named n ON n.commit = k.commit
),
told AS (
  SELECT t.*, c.commit IS NOT NULL AS is_collected
  FROM collected c
  RIGHT JOIN timed t ON t.commit = c.commit
),
pulls AS (
  SELECT source, id, bool_or(is_own AND NOT is_merge) AS has_own,
         bool_or(is_own AND NOT is_merge AND is_collected) AS has_files,
         bool_or(NOT is_own AND is_collected) AS merge_has_files
  FROM told
  GROUP BY source, id
),
-- A pull request of whose own commits no file is known is what its merge left: a squash, or a merge whose files are told.
-- Of the others the merge says again what they say. Where nothing is listed, nothing is known of what is in it.
roles AS (
  SELECT t.source, t.id, t.repository, t.merged_at, t.authored_at, t.is_empty, t.is_collected,
         CASE WHEN t.is_own AND NOT t.is_merge AND (p.has_files OR NOT p.merge_has_files) THEN 'OWN'
              WHEN t.is_own THEN NULL
              WHEN p.has_files THEN 'ECHO'
              WHEN p.merge_has_files THEN 'MERGE'
              WHEN NOT p.has_own THEN 'UNKNOWN' END AS role,
         CASE WHEN t.is_own OR p.has_files OR p.merge_has_files THEN t.commit END AS commit
  FROM pulls p
  JOIN told t ON t.source = p.source AND t.id = p.id
),
wanted AS (
  SELECT *, role = 'ECHO' AS is_echo FROM roles WHERE role IS NOT NULL AND (commit IS NOT NULL OR role = 'UNKNOWN')
)
-- A commit that stands in several pull requests counts in the one that was merged first.
SELECT
  first_value(source ORDER BY is_echo, merged_at, source, id) AS source,
  first_value(id ORDER BY is_echo, merged_at, source, id) AS pull_request,
  commit,
  min(repository) AS repository,
  min(authored_at) AS authored_at,
  bool_and(is_echo) AS is_echo,
  bool_or(is_empty) AS is_empty,
  bool_or(is_collected) AS is_collected
FROM wanted
GROUP BY commit, CASE WHEN commit IS NULL THEN source || ' ' || id END
