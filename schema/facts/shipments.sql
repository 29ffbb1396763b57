-- Of the deployments that shipped a commit, the earliest started, for each rule that says so.
WITH listed AS (
  SELECT c.commit, d.rank
  FROM facts.resolved_deployments d
  JOIN deployment_changes c ON d.source = c.source AND d.id = c.deployment
  WHERE d.rank IS NOT NULL
),
deployed AS (
  SELECT commit, rank FROM facts.resolved_deployments WHERE rank IS NOT NULL AND commit IS NOT NULL
  UNION ALL
  SELECT c.commit, d.rank
  FROM facts.resolved_deployments d
  JOIN deployment_commits c ON d.source = c.source AND d.id = c.deployment
  WHERE d.rank IS NOT NULL
),
shipped AS (
  SELECT commit, rank AS explicit_rank, CAST(NULL AS BIGINT) AS commit_rank, CAST(NULL AS BIGINT) AS ancestry_rank
  FROM listed
  UNION ALL
  SELECT commit, NULL, rank, NULL FROM deployed
  UNION ALL
  SELECT commit, NULL, NULL, rank FROM facts.ancestry
)
SELECT
  commit,
  min(explicit_rank) AS explicit_rank,
  min(commit_rank) AS commit_rank,
  min(ancestry_rank) AS ancestry_rank
FROM shipped
GROUP BY commit
