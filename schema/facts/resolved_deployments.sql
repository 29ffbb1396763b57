-- What is said about a deployment in several tables, put together once. Nothing here judges; `rank` names those that can
-- ship a change, in the order in which they started.
WITH named AS (
  SELECT source, id, repository FROM deployments WHERE repository IS NOT NULL
  UNION
  SELECT source, deployment, repository FROM deployment_commits
),
covered AS (
  SELECT source, id, array_agg(DISTINCT repository ORDER BY repository) AS repositories FROM named GROUP BY source, id
),
parts AS (
  SELECT source, deployment, max(finished_at) AS finished_at FROM deployment_commits GROUP BY source, deployment
),
listed AS (
  SELECT DISTINCT source, deployment FROM deployment_changes
),
resolved AS (
  SELECT
    d.source, d.id, d.url, d.repository, c.repositories,
    coalesce(d.service, r.service) AS service,
    coalesce(d.project, r.project) AS project,
    d.environment, d.tier, coalesce(d.kind, 'PIPELINE') AS kind, d.pipeline, d.status, d.commit, d.ref, d.started_at,
    greatest(d.finished_at, p.finished_at) AS finished_at,
    coalesce(d.is_rollback, false) AS is_rollback,
    coalesce(d.is_unplanned, false) AS is_unplanned,
    d.commit IS NOT NULL OR p.deployment IS NOT NULL OR l.deployment IS NOT NULL AS carries_commit
  FROM deployments d
  LEFT JOIN covered c ON c.source = d.source AND c.id = d.id
  LEFT JOIN parts p ON p.source = d.source AND p.deployment = d.id
  LEFT JOIN listed l ON l.source = d.source AND l.deployment = d.id
  LEFT JOIN facts.named_repositories r ON r.name = d.repository
),
judged AS (
  SELECT *, tier = 'PRODUCTION' AND status = 'SUCCESS' AND finished_at IS NOT NULL AS ships FROM resolved
)
SELECT
  source, id, url, repository, repositories, service, project, environment, tier, kind, pipeline, status, commit, ref,
  started_at, finished_at, is_rollback, is_unplanned, carries_commit,
  CASE WHEN ships THEN
    CAST(row_number() OVER (PARTITION BY ships ORDER BY coalesce(started_at, finished_at), source, id) AS BIGINT)
  END AS rank
FROM judged
