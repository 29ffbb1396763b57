-- metric: TIME_TO_RESTORE_SERVICE
-- columns: mean median sampleSize
-- Written from the definition, over the tables as they are stored.
WITH resolved AS (
  SELECT to_char(date_trunc('month', resolved_at), '%Y-%m') AS month,
         date_part('epoch', resolved_at) - date_part('epoch', created_at) AS seconds
  FROM incidents
  WHERE resolved_at >= '2026-01-01T00:00:00Z' AND resolved_at < '2026-07-01T00:00:00Z'
)
SELECT month, avg(seconds) AS mean, median(seconds) AS median, count(seconds) AS "sampleSize"
FROM resolved
GROUP BY GROUPING SETS ((month), ())
