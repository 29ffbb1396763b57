-- metric: LEAD_TIME_FOR_CHANGES
-- columns: mean median sampleSize coverage
-- scope: service(name: "ledger")
-- Written from the definition, over the tables as they are stored, for the service whose changes are linked by TIME:
-- the first successful production deployment that finished after the merge. In plain SQL a walk over the parents of
-- commits, which ANCESTRY needs, is not reasonable; it is tested elsewhere.
WITH merged AS (
  SELECT p.source, p.id, p.merged_at, coalesce(p.first_commit_at, min(c.authored_at)) AS first_commit_at
  FROM pull_requests p
  JOIN repositories r ON r.name = p.repository AND r.service = 'ledger'
  LEFT JOIN pull_request_commits c ON c.source = p.source AND c.pull_request = p.id
  WHERE p.state = 'MERGED'
  GROUP BY p.source, p.id, p.merged_at, p.first_commit_at
),
shipped AS (
  SELECT m.source, m.id, m.first_commit_at, min(d.finished_at) AS deployed_at
  FROM merged m
  JOIN deployments d ON d.service = 'ledger' AND d.tier = 'PRODUCTION' AND d.status = 'SUCCESS' AND d.finished_at > m.merged_at
  GROUP BY m.source, m.id, m.first_commit_at
),
timed AS (
  SELECT to_char(date_trunc('month', deployed_at), '%Y-%m') AS month,
         date_part('epoch', deployed_at) - date_part('epoch', first_commit_at) AS seconds
  FROM shipped
  WHERE deployed_at >= '2026-01-01T00:00:00Z' AND deployed_at < '2026-07-01T00:00:00Z'
)
SELECT month, avg(seconds) AS mean, median(seconds) AS median, count(seconds) AS "sampleSize",
       CAST(count(seconds) AS DOUBLE) / count(*) AS coverage
FROM timed
GROUP BY GROUPING SETS ((month), ())
