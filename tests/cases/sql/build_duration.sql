-- metric: BUILD_DURATION
-- columns: mean median sampleSize coverage
-- Written from the definition, over the tables as they are stored.
WITH timed AS (
  SELECT to_char(date_trunc('month', finished_at), '%Y-%m') AS month,
         CASE WHEN finished_at >= started_at THEN date_part('epoch', finished_at) - date_part('epoch', started_at) END AS seconds
  FROM builds
  WHERE status IN ('SUCCESS', 'FAILURE') AND finished_at >= '2026-01-01T00:00:00Z' AND finished_at < '2026-07-01T00:00:00Z'
)
SELECT month, avg(seconds) AS mean, median(seconds) AS median, count(seconds) AS "sampleSize",
       CAST(count(seconds) AS DOUBLE) / count(*) AS coverage
FROM timed
GROUP BY GROUPING SETS ((month), ())
