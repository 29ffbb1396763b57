-- The tips of every stream of shipping deployments (service, repository, environment), in the order of the stream. The
-- walk from tip to tip is not SQL.
WITH tips AS (
  SELECT source, id, repository, commit FROM deployments WHERE repository IS NOT NULL AND commit IS NOT NULL
  UNION
  SELECT source, deployment, repository, commit FROM deployment_commits
)
SELECT
  CAST(dense_rank() OVER (ORDER BY d.service, t.repository, d.environment) AS BIGINT) AS stream,
  d.finished_at, d.source, d.id, d.rank, t.commit
FROM facts.resolved_deployments d
JOIN tips t ON t.source = d.source AND t.id = d.id
WHERE d.rank IS NOT NULL
ORDER BY stream, finished_at, source, id, commit
