-- metric: REVIEW_LOAD
-- columns: numerator
-- Written from the definition, over the tables as they are stored. Developers' time is not in the tables.
WITH bots AS (
  SELECT source, login FROM accounts WHERE kind = 'BOT' OR login LIKE '%[bot]'
),
given AS (
  SELECT to_char(date_trunc('month', r.submitted_at), '%Y-%m') AS month
  FROM reviews r
  LEFT JOIN pull_requests p ON p.source = r.source AND p.id = r.pull_request
  WHERE r.submitted_at >= '2026-01-01T00:00:00Z' AND r.submitted_at < '2026-07-01T00:00:00Z'
    AND (p.author IS NULL OR p.author <> r.reviewer)
    AND NOT EXISTS (SELECT 1 FROM bots b WHERE b.source = r.source AND b.login = r.reviewer)
)
SELECT month, count(*) AS numerator
FROM given
GROUP BY GROUPING SETS ((month), ())
