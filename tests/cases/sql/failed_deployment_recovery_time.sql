-- metric: FAILED_DEPLOYMENT_RECOVERY_TIME
-- columns: mean median sampleSize coverage
-- Written from the definition, over the tables as they are stored: for each resolved incident the finish of the deployment
-- (of its last part that was over before the incident) that caused it.
WITH parts AS (
  SELECT source, id, finished_at AS part_finished_at FROM deployments WHERE finished_at IS NOT NULL
  UNION
  SELECT source, deployment, finished_at FROM deployment_commits WHERE finished_at IS NOT NULL
),
candidates AS (
  SELECT d.source, d.id, d.service, coalesce(d.project, r.project) AS project, p.part_finished_at,
         coalesce(d.is_rollback, false) OR coalesce(d.is_unplanned, false) AS is_repair
  FROM deployments d
  JOIN parts p ON p.source = d.source AND p.id = d.id
  LEFT JOIN repositories r ON r.name = d.repository
  WHERE d.tier = 'PRODUCTION' AND d.status = 'SUCCESS'
),
repaired AS (
  SELECT DISTINCT i.source, i.id
  FROM incidents i
  JOIN candidates c ON c.service = i.service OR (i.service IS NULL AND c.project = i.project)
  WHERE c.is_repair AND c.part_finished_at > i.created_at
    AND (i.resolved_at IS NULL OR c.part_finished_at <= i.resolved_at)
),
ranked AS (
  SELECT i.source AS incident_source, i.id AS incident, c.part_finished_at AS broken_at,
         row_number() OVER (PARTITION BY i.source, i.id ORDER BY c.part_finished_at DESC, c.source DESC, c.id DESC) AS place
  FROM incidents i
  JOIN candidates c ON c.service = i.service OR (i.service IS NULL AND c.project = i.project)
  LEFT JOIN repaired r ON r.source = i.source AND r.id = i.id
  WHERE i.deployment IS NULL
    AND c.part_finished_at < i.created_at
    AND CASE WHEN r.id IS NOT NULL THEN NOT c.is_repair
             ELSE c.part_finished_at >= i.created_at - INTERVAL '7 days' END
),
causes AS (
  SELECT i.source AS incident_source, i.id AS incident,
         coalesce(max(p.part_finished_at) FILTER (WHERE p.part_finished_at < i.created_at), max(p.part_finished_at)) AS broken_at
  FROM incidents i
  JOIN parts p ON p.source = i.source AND p.id = i.deployment
  GROUP BY i.source, i.id
  UNION ALL
  SELECT incident_source, incident, broken_at FROM ranked WHERE place = 1
),
recovered AS (
  SELECT to_char(date_trunc('month', i.resolved_at), '%Y-%m') AS month,
         date_part('epoch', i.resolved_at) - date_part('epoch', c.broken_at) AS seconds
  FROM incidents i
  LEFT JOIN causes c ON c.incident_source = i.source AND c.incident = i.id
  WHERE i.resolved_at >= '2026-01-01T00:00:00Z' AND i.resolved_at < '2026-07-01T00:00:00Z'
)
SELECT month, avg(seconds) AS mean, median(seconds) AS median, count(seconds) AS "sampleSize",
       CAST(count(seconds) AS DOUBLE) / count(*) AS coverage
FROM recovered
GROUP BY GROUPING SETS ((month), ())
