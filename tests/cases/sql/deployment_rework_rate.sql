-- metric: DEPLOYMENT_REWORK_RATE
-- columns: numerator denominator
-- Written from the definition, over the tables as they are stored. Which change a deployment shipped is taken by COMMIT
-- only; in the sample company every hotfix is the commit that was deployed. The walk of ANCESTRY is tested elsewhere.
WITH finished AS (
  SELECT d.source, d.id, d.commit, d.ref, d.service, d.status, d.is_rollback, d.is_unplanned,
         greatest(d.finished_at, max(c.finished_at)) AS finished_at
  FROM deployments d
  LEFT JOIN deployment_commits c ON c.source = d.source AND c.deployment = d.id
  WHERE d.tier = 'PRODUCTION' AND d.status IN ('SUCCESS', 'FAILURE')
  GROUP BY d.source, d.id, d.commit, d.ref, d.service, d.status, d.is_rollback, d.is_unplanned, d.finished_at
),
fixes AS (
  SELECT p.merge_commit AS commit FROM pull_requests p
  WHERE array_has(p.labels, 'hotfix') OR starts_with(p.head_branch, 'hotfix')
  UNION
  SELECT c.commit FROM pull_requests p
  JOIN pull_request_commits c ON c.source = p.source AND c.pull_request = p.id
  WHERE array_has(p.labels, 'hotfix') OR starts_with(p.head_branch, 'hotfix')
  UNION
  SELECT p.merge_commit FROM pull_requests p JOIN incidents i ON array_has(p.issues, i.id)
),
-- The earliest deployment of such a commit.
hotfixes AS (
  SELECT source, id FROM (
    SELECT d.source, d.id, row_number() OVER (PARTITION BY d.commit ORDER BY d.finished_at, d.source, d.id) AS place
    FROM finished d JOIN fixes f ON f.commit = d.commit
    WHERE d.status = 'SUCCESS')
  WHERE place = 1
),
judged AS (
  SELECT to_char(date_trunc('month', d.finished_at), '%Y-%m') AS month,
         coalesce(d.is_rollback, false) OR coalesce(d.is_unplanned, false) OR h.id IS NOT NULL AS rework
  FROM finished d LEFT JOIN hotfixes h ON h.source = d.source AND h.id = d.id
  WHERE d.finished_at >= '2026-01-01T00:00:00Z' AND d.finished_at < '2026-07-01T00:00:00Z'
)
SELECT month, count(*) FILTER (WHERE rework) AS numerator, count(*) AS denominator
FROM judged
GROUP BY GROUPING SETS ((month), ())
