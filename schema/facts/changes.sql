WITH bots AS (
  SELECT DISTINCT source, login
  FROM accounts
  WHERE kind = 'BOT' OR ends_with(login, '[bot]') OR ends_with(name, '[bot]')
),
-- What other people said. One row per comment and per review.
said AS (
  SELECT source, pull_request, author AS person, created_at AS comment_at, NULL AS review_at,
         NULL AS approval_at
  FROM comments
  UNION ALL
  SELECT source, pull_request, reviewer, NULL, submitted_at, CASE WHEN state = 'APPROVED' THEN submitted_at END
  FROM reviews
),
feedback AS (
  SELECT s.source, s.pull_request,
         min(s.comment_at) AS first_comment_at, count(s.comment_at) AS comments,
         min(s.review_at) AS first_review_at, count(s.review_at) AS reviews,
         min(s.approval_at) AS first_approval_at, max(s.approval_at) AS last_approval_at
  FROM said s
  JOIN pull_requests p ON p.source = s.source AND p.id = s.pull_request
  WHERE p.state = 'MERGED' AND s.person <> p.author AND NOT ends_with(s.person, '[bot]')
    AND NOT EXISTS (SELECT 1 FROM bots b WHERE b.source = s.source AND b.login = s.person)
  GROUP BY s.source, s.pull_request
),
-- What the commits of a pull request say: when the first was written, and which deployments name one of them.
written AS (
  SELECT source, pull_request, authored_at, CAST(NULL AS BIGINT) AS explicit_rank, CAST(NULL AS BIGINT) AS commit_rank
  FROM pull_request_commits
  UNION ALL
  SELECT c.source, c.pull_request, k.authored_at, NULL, NULL
  FROM pull_request_commits c
  JOIN commits k ON k.id = c.commit
  WHERE c.authored_at IS NULL
  UNION ALL
  SELECT c.source, c.pull_request, NULL, s.explicit_rank, s.commit_rank
  FROM pull_request_commits c
  JOIN facts.shipments s ON s.commit = c.commit
  WHERE s.explicit_rank IS NOT NULL OR s.commit_rank IS NOT NULL
),
commits_of AS (
  SELECT source, pull_request, min(authored_at) AS authored_at, min(explicit_rank) AS explicit_rank,
         min(commit_rank) AS commit_rank
  FROM written
  GROUP BY source, pull_request
),
issues_of AS (
  SELECT p.source, p.id, min(i.created_at) AS created_at, min(i.started_at) AS started_at
  FROM (SELECT source, id, unnest(issues) AS key FROM pull_requests WHERE state = 'MERGED') p
  JOIN issues i ON i.key = p.key
  GROUP BY p.source, p.id
),
-- The TIME rule: of the deployments of a place (a repository or a service) that finished after the merge, the one that
-- started first. Rows of equal time stand so that a deployment that finishes at the moment of the merge is not "after".
merges AS (
  SELECT p.source, p.id, p.repository, r.service, p.merged_at
  FROM pull_requests p
  LEFT JOIN facts.named_repositories r ON r.name = p.repository
  WHERE p.state = 'MERGED'
),
repository_moments AS (
  SELECT repository AS place, merged_at AS at, 0 AS is_deployment, source, id, NULL AS rank FROM merges
  UNION ALL
  SELECT unnest(repositories), finished_at, 1, NULL, NULL, rank FROM facts.resolved_deployments WHERE rank IS NOT NULL
),
service_moments AS (
  SELECT service AS place, merged_at AS at, 0 AS is_deployment, source, id, NULL AS rank
  FROM merges WHERE service IS NOT NULL
  UNION ALL
  SELECT service, finished_at, 1, NULL, NULL, rank FROM facts.resolved_deployments
  WHERE rank IS NOT NULL AND service IS NOT NULL
),
followed AS (
  SELECT source, id, is_deployment, min(rank) OVER (
    PARTITION BY place ORDER BY at DESC, is_deployment ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS rank
  FROM repository_moments
  UNION ALL
  SELECT source, id, is_deployment, min(rank) OVER (
    PARTITION BY place ORDER BY at DESC, is_deployment ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS rank
  FROM service_moments
),
next_of AS (
  SELECT source, id, min(rank) AS rank FROM followed WHERE is_deployment = 0 AND rank IS NOT NULL GROUP BY source, id
),
-- Places of which some deployment says what it carried: there the TIME rule is not needed.
telling_repositories AS (
  SELECT DISTINCT place
  FROM (SELECT unnest(repositories) AS place FROM facts.resolved_deployments WHERE rank IS NOT NULL AND carries_commit)
),
telling_services AS (
  SELECT DISTINCT service AS place FROM facts.resolved_deployments
  WHERE rank IS NOT NULL AND carries_commit AND service IS NOT NULL
),
linked AS (
  SELECT
    p.source, p.id, p.url, p.number, p.title, p.repository, r.service, r.project, p.author,
    b.login IS NOT NULL OR ends_with(p.author, '[bot]') AS author_is_bot,
    p.base_branch, p.head_branch, p.labels, p.issues, p.additions, p.deletions,
    p.first_commit_at, p.created_at, p.ready_at, p.merged_at, p.merge_commit,
    c.authored_at,
    least(s.explicit_rank, c.explicit_rank) AS explicit_rank,
    least(s.commit_rank, c.commit_rank) AS commit_rank,
    s.ancestry_rank,
    n.rank AS time_rank,
    CASE WHEN tr.place IS NULL AND ts.place IS NULL THEN n.rank END AS fallback_rank
  FROM pull_requests p
  LEFT JOIN facts.named_repositories r ON r.name = p.repository
  LEFT JOIN bots b ON b.source = p.source AND b.login = p.author
  LEFT JOIN commits_of c ON c.source = p.source AND c.pull_request = p.id
  LEFT JOIN facts.shipments s ON s.commit = p.merge_commit
  LEFT JOIN next_of n ON n.source = p.source AND n.id = p.id
  LEFT JOIN telling_repositories tr ON tr.place = p.repository
  LEFT JOIN telling_services ts ON ts.place = r.service
  WHERE p.state = 'MERGED'
),
finished_builds AS (
  SELECT commit, array_agg(finished_at) AS finishes
  FROM builds
  WHERE status IN ('SUCCESS', 'FAILURE') AND finished_at IS NOT NULL AND commit IS NOT NULL
  GROUP BY commit
),
built AS (
  SELECT l.*, d.finished_at AS deployed_at, d.id AS deployment, d.source AS deployment_source,
         d.environment AS deployment_environment,
         CASE WHEN d.finished_at IS NULL THEN f.finishes
              ELSE array_filter(f.finishes, finish -> finish <= d.finished_at) END AS finishes
  FROM linked l
  LEFT JOIN facts.resolved_deployments d
    ON d.rank = coalesce(l.explicit_rank, l.commit_rank, l.ancestry_rank, l.fallback_rank)
  LEFT JOIN finished_builds f ON f.commit = l.merge_commit
)
SELECT
  c.source, c.id, c.url, c.number, c.title, c.repository, c.service, c.project, c.author, c.author_is_bot, c.base_branch,
  c.head_branch, c.labels, c.issues, c.additions + c.deletions AS lines_changed,
  i.created_at AS issue_created_at,
  i.started_at AS issue_started_at,
  coalesce(c.first_commit_at, c.authored_at) AS first_commit_at,
  c.created_at AS opened_at,
  coalesce(c.ready_at, c.created_at) AS ready_at,
  f.first_comment_at, f.first_review_at, f.first_approval_at, f.last_approval_at,
  coalesce(f.comments, 0) AS comments,
  coalesce(f.reviews, 0) AS reviews,
  c.merged_at,
  array_min(c.finishes) AS first_build_finished_at,
  array_max(c.finishes) AS last_build_finished_at,
  c.deployed_at, c.deployment, c.deployment_source, c.deployment_environment,
  CASE WHEN c.explicit_rank IS NOT NULL THEN 'EXPLICIT'
       WHEN c.commit_rank IS NOT NULL THEN 'COMMIT'
       WHEN c.ancestry_rank IS NOT NULL THEN 'ANCESTRY'
       WHEN c.fallback_rank IS NOT NULL THEN 'TIME' END AS link_rule,
  t.finished_at AS time_deployed_at,
  t.id AS time_deployment,
  t.source AS time_deployment_source,
  t.environment AS time_deployment_environment
FROM built c
LEFT JOIN issues_of i ON i.source = c.source AND i.id = c.id
LEFT JOIN feedback f ON f.source = c.source AND f.pull_request = c.id
LEFT JOIN facts.resolved_deployments t ON t.rank = c.time_rank
