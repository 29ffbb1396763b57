-- metric: BUILD_SUCCESS_RATE
-- columns: value numerator denominator
-- Written from the definition, over the tables as they are stored.
SELECT to_char(date_trunc('month', finished_at), '%Y-%m') AS month,
       sum(CASE WHEN status = 'SUCCESS' THEN 1 ELSE 0 END) AS numerator, count(*) AS denominator,
       avg(CASE WHEN status = 'SUCCESS' THEN 1.0 ELSE 0.0 END) AS value
FROM builds
WHERE status <> 'CANCELLED' AND status <> 'RUNNING'
  AND finished_at >= '2026-01-01T00:00:00Z' AND finished_at < '2026-07-01T00:00:00Z'
GROUP BY GROUPING SETS ((to_char(date_trunc('month', finished_at), '%Y-%m')), ())
