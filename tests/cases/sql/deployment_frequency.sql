-- metric: DEPLOYMENT_FREQUENCY
-- columns: numerator denominator
-- Written from the definition, over the tables as they are stored. A deployment is over when its last part is.
WITH finished AS (
  SELECT d.source, d.id, greatest(d.finished_at, max(c.finished_at)) AS finished_at
  FROM deployments d
  LEFT JOIN deployment_commits c ON c.source = d.source AND c.deployment = d.id
  WHERE d.tier = 'PRODUCTION' AND d.status = 'SUCCESS'
  GROUP BY d.source, d.id, d.finished_at
),
counted AS (
  SELECT to_char(date_trunc('month', finished_at), '%Y-%m') AS month
  FROM finished
  WHERE finished_at >= '2026-01-01T00:00:00Z' AND finished_at < '2026-07-01T00:00:00Z'
)
SELECT month, count(*) AS numerator,
  CASE month WHEN '2026-02' THEN 28 WHEN '2026-04' THEN 30 WHEN '2026-06' THEN 30 ELSE 31 END AS denominator
FROM counted GROUP BY month
UNION ALL
SELECT NULL, count(*), 31 + 28 + 31 + 30 + 31 + 30 FROM counted
