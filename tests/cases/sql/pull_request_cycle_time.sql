-- metric: PULL_REQUEST_CYCLE_TIME
-- columns: mean median sampleSize coverage
-- Written from the definition, over the tables as they are stored.
WITH bots AS (
  SELECT source, login FROM accounts WHERE kind = 'BOT' OR login LIKE '%[bot]'
),
merged AS (
  SELECT p.source, p.id, p.merged_at, coalesce(p.first_commit_at, min(coalesce(c.authored_at, k.authored_at))) AS first_commit_at
  FROM pull_requests p
  LEFT JOIN pull_request_commits c ON c.source = p.source AND c.pull_request = p.id
  LEFT JOIN commits k ON k.id = c.commit
  WHERE p.state = 'MERGED' AND NOT EXISTS (SELECT 1 FROM bots b WHERE b.source = p.source AND b.login = p.author)
  GROUP BY p.source, p.id, p.merged_at, p.first_commit_at
),
timed AS (
  SELECT to_char(date_trunc('month', merged_at), '%Y-%m') AS month,
         CASE WHEN merged_at >= first_commit_at
              THEN date_part('epoch', merged_at) - date_part('epoch', first_commit_at) END AS seconds
  FROM merged
  WHERE merged_at >= '2026-01-01T00:00:00Z' AND merged_at < '2026-07-01T00:00:00Z'
)
SELECT month, avg(seconds) AS mean, median(seconds) AS median, count(seconds) AS "sampleSize",
       CAST(count(seconds) AS DOUBLE) / count(*) AS coverage
FROM timed
GROUP BY GROUPING SETS ((month), ())
