-- metric: PULL_REQUEST_VELOCITY
-- columns: numerator
-- Written from the definition, over the tables as they are stored. Developers' time is not in the tables.
WITH bots AS (
  SELECT source, login FROM accounts WHERE kind = 'BOT' OR login LIKE '%[bot]'
),
merged AS (
  SELECT to_char(date_trunc('month', p.merged_at), '%Y-%m') AS month
  FROM pull_requests p
  WHERE p.state = 'MERGED' AND p.merged_at >= '2026-01-01T00:00:00Z' AND p.merged_at < '2026-07-01T00:00:00Z'
    AND NOT EXISTS (SELECT 1 FROM bots b WHERE b.source = p.source AND b.login = p.author)
)
SELECT month, count(*) AS numerator
FROM merged
GROUP BY GROUPING SETS ((month), ())
