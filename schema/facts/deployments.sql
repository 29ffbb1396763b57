WITH shipped AS (
  SELECT deployment_source AS source, deployment AS id, labels, head_branch, issues
  FROM facts.changes
  WHERE deployment IS NOT NULL
),
counted AS (
  SELECT source, id, count(*) AS changes, array_agg(DISTINCT head_branch ORDER BY head_branch)
           FILTER (WHERE head_branch IS NOT NULL) AS branches
  FROM shipped
  GROUP BY source, id
),
labelled AS (
  SELECT source, id, array_agg(DISTINCT label ORDER BY label) AS labels
  FROM (SELECT source, id, unnest(labels) AS label FROM shipped)
  WHERE label IS NOT NULL
  GROUP BY source, id
),
-- Deployments that mended an incident: its repair by rule ROLLBACK, or they shipped a change made for it.
mended AS (
  SELECT repair_source AS source, repair_deployment AS id FROM facts.incidents WHERE repair_deployment IS NOT NULL
  UNION
  SELECT s.source, s.id
  FROM facts.incidents i
  JOIN (SELECT source, id, unnest(issues) AS issue FROM shipped) s ON s.issue = i.id
),
failures AS (
  SELECT cause_source AS source, cause_deployment AS id,
         count(*) FILTER (WHERE cause_rule IN ('EXPLICIT', 'ROLLBACK')) AS certain,
         min(cause_age_seconds) FILTER (WHERE cause_rule = 'LATEST') AS latest_age_seconds
  FROM facts.incidents
  WHERE cause_deployment IS NOT NULL
  GROUP BY cause_source, cause_deployment
)
SELECT
  d.source, d.id, d.url, d.repository, d.repositories, d.service, d.project, d.environment, d.tier, d.kind, d.pipeline,
  d.status, d.commit, d.ref, d.started_at, d.finished_at, d.is_rollback, d.is_unplanned,
  coalesce(c.changes, 0) AS changes,
  l.labels AS change_labels,
  c.branches AS change_branches,
  m.id IS NOT NULL AS fixes_incident,
  coalesce(f.certain, 0) AS certain_failures,
  f.latest_age_seconds AS latest_failure_age_seconds
FROM facts.resolved_deployments d
LEFT JOIN counted c ON c.source = d.source AND c.id = d.id
LEFT JOIN labelled l ON l.source = d.source AND l.id = d.id
LEFT JOIN mended m ON m.source = d.source AND m.id = d.id
LEFT JOIN failures f ON f.source = d.source AND f.id = d.id
