-- Every deployment that could be a cause, once for each moment at which a part of it finished, in each place (its service,
-- its project) where an incident would look for it.
WITH finishes AS (
  SELECT source, id, finished_at FROM deployments WHERE finished_at IS NOT NULL
  UNION
  SELECT source, deployment, finished_at FROM deployment_commits WHERE finished_at IS NOT NULL
),
shipping AS (
  SELECT source, id, service, project, finished_at, rank, is_rollback OR is_unplanned AS is_repair
  FROM facts.resolved_deployments
  WHERE rank IS NOT NULL
),
placed AS (
  SELECT 'SERVICE' AS kind, service AS place, source, id, finished_at, rank, is_repair
  FROM shipping WHERE service IS NOT NULL
  UNION ALL
  SELECT 'PROJECT', project, source, id, finished_at, rank, is_repair FROM shipping WHERE project IS NOT NULL
),
opened AS (
  SELECT source, id, created_at,
         CASE WHEN service IS NOT NULL THEN 'SERVICE' ELSE 'PROJECT' END AS kind, coalesce(service, project) AS place
  FROM incidents
  WHERE coalesce(service, project) IS NOT NULL
),
-- Before: the latest finish strictly before the incident. At equal times the incident stands first.
before AS (
  SELECT p.kind, p.place, f.finished_at AS at, 1 AS is_deployment, p.source, p.id, p.rank,
         CASE WHEN NOT p.is_repair THEN p.rank END AS planned_rank,
         CASE WHEN NOT p.is_repair THEN f.finished_at END AS planned_at
  FROM placed p
  JOIN finishes f ON f.source = p.source AND f.id = p.id
  UNION ALL
  SELECT kind, place, created_at, 0, source, id, NULL, NULL, NULL FROM opened
),
preceded AS (
  SELECT source, id, is_deployment,
    last_value(rank) IGNORE NULLS OVER w AS latest_rank,
    last_value(CASE WHEN is_deployment = 1 THEN at END) IGNORE NULLS OVER w AS latest_at,
    last_value(planned_rank) IGNORE NULLS OVER w AS planned_rank,
    last_value(planned_at) IGNORE NULLS OVER w AS planned_at
  FROM before
  WINDOW w AS (PARTITION BY kind, place ORDER BY at, is_deployment, source, id
               ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
),
-- After: the first repair that finished strictly after the incident began, found by walking back in time.
after AS (
  SELECT kind, place, finished_at AS at, 1 AS is_deployment, source, id, rank FROM placed WHERE is_repair
  UNION ALL
  SELECT kind, place, created_at, 0, source, id, NULL FROM opened
),
repaired AS (
  SELECT source, id, is_deployment,
    last_value(rank) IGNORE NULLS OVER (
      PARTITION BY kind, place ORDER BY at DESC, is_deployment, source DESC, id DESC
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS rank
  FROM after
),
-- EXPLICIT: of several finishes of the named deployment, the latest before the incident; the last where none was before.
named AS (
  SELECT i.source, i.id, d.id AS deployment,
         coalesce(max(f.finished_at) FILTER (WHERE f.finished_at < i.created_at), max(f.finished_at)) AS finished_at
  FROM incidents i
  JOIN deployments d ON d.source = i.source AND d.id = i.deployment
  LEFT JOIN finishes f ON f.source = d.source AND f.id = d.id
  GROUP BY i.source, i.id, d.id
),
caused AS (
  SELECT i.*,
    CASE WHEN n.deployment IS NOT NULL THEN 'EXPLICIT'
         WHEN x.finished_at <= coalesce(i.resolved_at, x.finished_at) AND b.planned_rank IS NOT NULL THEN 'ROLLBACK'
         WHEN b.latest_rank IS NOT NULL THEN 'LATEST' END AS cause_rule,
    n.finished_at AS named_at, b.planned_rank, b.planned_at, b.latest_rank, b.latest_at,
    x.source AS repair_source, x.id AS repair
  FROM incidents i
  LEFT JOIN named n ON n.source = i.source AND n.id = i.id
  LEFT JOIN preceded b ON b.source = i.source AND b.id = i.id AND b.is_deployment = 0
  LEFT JOIN repaired r ON r.source = i.source AND r.id = i.id AND r.is_deployment = 0
  LEFT JOIN shipping x ON x.rank = r.rank
),
ruled AS (
  SELECT *,
    CASE cause_rule WHEN 'EXPLICIT' THEN named_at WHEN 'ROLLBACK' THEN planned_at WHEN 'LATEST' THEN latest_at END
      AS compared_at,
    CASE cause_rule WHEN 'ROLLBACK' THEN planned_rank WHEN 'LATEST' THEN latest_rank END AS cause_rank
  FROM caused
),
found AS (
  SELECT r.*,
    CASE WHEN r.cause_rule = 'EXPLICIT' THEN r.source ELSE d.source END AS cause_source,
    CASE WHEN r.cause_rule = 'EXPLICIT' THEN r.deployment ELSE d.id END AS cause_deployment
  FROM ruled r
  LEFT JOIN shipping d ON d.rank = r.cause_rank
),
served AS (
  SELECT service, array_agg(name ORDER BY name) AS repositories
  FROM facts.named_repositories WHERE service IS NOT NULL GROUP BY service
)
SELECT
  i.source, i.id, i.url, i.title, i.service, i.project, i.severity, i.urgency, i.priority, i.status, i.labels,
  i.created_at, i.acknowledged_at, i.resolved_at,
  i.cause_deployment, i.cause_source,
  i.cause_rule,
  i.compared_at AS cause_finished_at,
  CAST(CAST(i.created_at AS BIGINT) - CAST(i.compared_at AS BIGINT) AS DOUBLE) / 1000000 AS cause_age_seconds,
  d.tier AS cause_tier,
  d.status AS cause_status,
  CASE WHEN i.cause_rule = 'ROLLBACK' THEN i.repair END AS repair_deployment,
  CASE WHEN i.cause_rule = 'ROLLBACK' THEN i.repair_source END AS repair_source,
  coalesce(d.repositories, s.repositories) AS repositories,
  d.environment
FROM found i
LEFT JOIN facts.resolved_deployments d ON d.source = i.cause_source AND d.id = i.cause_deployment
LEFT JOIN served s ON s.service = i.service
