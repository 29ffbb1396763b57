-- What it shipped; `by_time`: of changes that no other rule links to a deployment, the one that rule TIME would choose.
WITH shipped AS (
  SELECT deployment_source AS source, deployment AS id, false AS by_time, labels, head_branch, issues
  FROM facts.changes
  WHERE deployment IS NOT NULL
  UNION ALL
  SELECT time_deployment_source, time_deployment, true, labels, head_branch, issues
  FROM facts.changes
  WHERE deployment IS NULL AND time_deployment IS NOT NULL
),
counted AS (
  SELECT source, id, count(*) FILTER (WHERE NOT by_time) AS changes,
         array_agg(DISTINCT head_branch ORDER BY head_branch)
           FILTER (WHERE head_branch IS NOT NULL AND NOT by_time) AS branches,
         array_agg(DISTINCT head_branch ORDER BY head_branch)
           FILTER (WHERE head_branch IS NOT NULL AND by_time) AS time_branches
  FROM shipped
  GROUP BY source, id
),
labelled AS (
  SELECT source, id, array_agg(DISTINCT label ORDER BY label) FILTER (WHERE NOT by_time) AS labels,
         array_agg(DISTINCT label ORDER BY label) FILTER (WHERE by_time) AS time_labels
  FROM (SELECT source, id, by_time, unnest(labels) AS label FROM shipped)
  WHERE label IS NOT NULL
  GROUP BY source, id
),
-- Deployments that mended an incident: its repair by rule ROLLBACK, or they shipped a change made for it.
mended AS (
  SELECT source, id, bool_and(by_time) AS by_time
  FROM (
    SELECT repair_source AS source, repair_deployment AS id, false AS by_time
    FROM facts.incidents WHERE repair_deployment IS NOT NULL
    UNION ALL
    SELECT s.source, s.id, s.by_time
    FROM facts.incidents i
    JOIN (SELECT source, id, by_time, unnest(issues) AS issue FROM shipped) s ON s.issue = i.id
  )
  GROUP BY source, id
),
failures AS (
  SELECT cause_source AS source, cause_deployment AS id,
         count(*) FILTER (WHERE cause_rule IN ('EXPLICIT', 'ROLLBACK')) AS certain,
         min(cause_age_seconds) FILTER (WHERE cause_rule = 'LATEST') AS latest_age_seconds,
         array_agg(
           named_struct('source', source, 'incident', id, 'rule', cause_rule, 'age_seconds', cause_age_seconds,
             'severity', severity, 'urgency', urgency, 'priority', priority, 'labels', labels)
           ORDER BY created_at, source, id) AS incidents
  FROM facts.incidents
  WHERE cause_deployment IS NOT NULL
  GROUP BY cause_source, cause_deployment
),
-- What came next in the same place, of those that can ship a change, in the order in which they started.
places AS (
  SELECT source, id, is_rollback, is_unplanned, ref, rank, service, CASE WHEN service IS NULL THEN repository END AS repository,
         environment
  FROM facts.resolved_deployments
  WHERE rank IS NOT NULL AND (service IS NOT NULL OR repository IS NOT NULL)
),
followed AS (
  SELECT source, id, lead(source) OVER w AS next_source, lead(id) OVER w AS next_id,
         lead(is_rollback) OVER w AS is_rollback, lead(is_unplanned) OVER w AS is_unplanned, lead(ref) OVER w AS ref
  FROM places
  WINDOW w AS (PARTITION BY service, repository, environment ORDER BY rank)
)
SELECT
  d.source, d.id, d.url, d.repository, d.repositories, d.service, d.project, d.environment, d.tier, d.kind, d.pipeline,
  d.status, d.commit, d.ref, d.started_at, d.finished_at, d.is_rollback, d.is_unplanned,
  coalesce(c.changes, 0) AS changes,
  l.labels AS change_labels,
  c.branches AS change_branches,
  coalesce(NOT m.by_time, false) AS fixes_incident,
  l.time_labels AS time_change_labels,
  c.time_branches AS time_change_branches,
  m.id IS NOT NULL AS time_fixes_incident,
  coalesce(f.certain, 0) AS certain_failures,
  f.latest_age_seconds AS latest_failure_age_seconds,
  f.incidents AS failures,
  n.next_source, n.next_id AS next_deployment, n.is_rollback AS next_is_rollback, n.is_unplanned AS next_is_unplanned,
  n.ref AS next_ref,
  nl.labels AS next_labels,
  nc.branches AS next_branches
FROM facts.resolved_deployments d
LEFT JOIN counted c ON c.source = d.source AND c.id = d.id
LEFT JOIN labelled l ON l.source = d.source AND l.id = d.id
LEFT JOIN mended m ON m.source = d.source AND m.id = d.id
LEFT JOIN failures f ON f.source = d.source AND f.id = d.id
LEFT JOIN followed n ON n.source = d.source AND n.id = d.id
LEFT JOIN labelled nl ON nl.source = n.next_source AND nl.id = n.next_id
LEFT JOIN counted nc ON nc.source = n.next_source AND nc.id = n.next_id
