-- metric: CODE_REWORK
-- columns: value numerator denominator sampleSize coverage
-- Written from the definition, over the tables as they are stored. In the sample every pull request lists commits that stand
-- in no other, no merge has files, and one file is renamed once.
WITH bots AS (
  SELECT source, login FROM accounts WHERE kind = 'BOT' OR login LIKE '%[bot]'
),
renamed AS (
  SELECT k.repository, f.previous_path, f.path, k.authored_at AS renamed_at
  FROM commit_files f JOIN commits k ON k.id = f.commit WHERE f.previous_path IS NOT NULL
),
touched AS (
  SELECT k.repository, f.commit, f.additions, f.deletions, k.authored_at, coalesce(r.path, f.path) AS file
  FROM commit_files f
  JOIN commits k ON k.id = f.commit
  LEFT JOIN renamed r ON r.repository = k.repository AND r.previous_path = f.path AND r.renamed_at > k.authored_at
),
reworked AS (
  SELECT t.commit, t.file, t.additions + t.deletions AS lines,
         least(t.deletions, coalesce(sum(b.additions), 0)) AS young
  FROM touched t
  LEFT JOIN touched b ON b.repository = t.repository AND b.file = t.file AND b.authored_at < t.authored_at
    AND b.authored_at > t.authored_at - INTERVAL '30 days'
  GROUP BY t.commit, t.file, t.additions, t.deletions
),
merged AS (
  SELECT to_char(date_trunc('month', p.merged_at), '%Y-%m') AS month, l.commit, r.file, r.lines, r.young
  FROM pull_requests p
  LEFT JOIN pull_request_commits l ON l.source = p.source AND l.pull_request = p.id
  LEFT JOIN reworked r ON r.commit = l.commit
  WHERE p.state = 'MERGED' AND p.merged_at >= '2026-01-01T00:00:00Z' AND p.merged_at < '2026-07-01T00:00:00Z'
    AND NOT EXISTS (SELECT 1 FROM bots b WHERE b.source = p.source AND b.login = p.author)
)
-- A pull request without commits is one unknown item.
SELECT month, sum(young) AS numerator, sum(lines) AS denominator, CAST(sum(young) AS DOUBLE) / sum(lines) AS value,
       count(DISTINCT CASE WHEN file IS NOT NULL THEN commit END) AS "sampleSize",
       CAST(count(DISTINCT CASE WHEN file IS NOT NULL THEN commit END) AS DOUBLE)
         / (count(DISTINCT commit) + count(*) FILTER (WHERE commit IS NULL)) AS coverage
FROM merged
GROUP BY GROUPING SETS ((month), ())
