-- Made for a session that leaves the order of joins alone: the left side of a join is the one held in memory. The pull
-- requests, which are wide and many, always stand on the right.
WITH bots AS (
  SELECT DISTINCT source, login
  FROM accounts
  WHERE kind = 'BOT' OR ends_with(login, '[bot]') OR ends_with(name, '[bot]')
),
-- What other people said: one row per comment and per review.
said AS (
  SELECT source, pull_request, author AS person, created_at AS comment_at, NULL AS review_at, NULL AS approval_at
  FROM comments
  UNION ALL
  SELECT source, pull_request, reviewer, NULL, submitted_at, CASE WHEN state = 'APPROVED' THEN submitted_at END
  FROM reviews
),
heard AS (
  SELECT s.*
  FROM bots b
  RIGHT ANTI JOIN said s ON b.source = s.source AND b.login = s.person
  WHERE NOT ends_with(s.person, '[bot]')
),
feedback AS (
  SELECT s.source, s.pull_request,
         min(s.comment_at) AS first_comment_at, count(s.comment_at) AS comments,
         min(s.review_at) AS first_review_at, count(s.review_at) AS reviews,
         min(s.approval_at) AS first_approval_at, max(s.approval_at) AS last_approval_at
  FROM (SELECT source, id, author FROM pull_requests WHERE state = 'MERGED') p
  JOIN heard s ON s.source = p.source AND s.pull_request = p.id AND s.person <> p.author
  GROUP BY s.source, s.pull_request
),
-- What the commits of a pull request say: when the first was written, and which deployments name one of them.
written AS (
  SELECT source, pull_request, authored_at, CAST(NULL AS BIGINT) AS explicit_rank, CAST(NULL AS BIGINT) AS commit_rank
  FROM pull_request_commits
  UNION ALL
  SELECT c.source, c.pull_request, k.authored_at, NULL, NULL
  FROM (SELECT * FROM pull_request_commits WHERE authored_at IS NULL) c
  JOIN commits k ON k.id = c.commit
  UNION ALL
  SELECT c.source, c.pull_request, NULL, s.explicit_rank, s.commit_rank
  FROM (SELECT * FROM facts.shipments WHERE explicit_rank IS NOT NULL OR commit_rank IS NOT NULL) s
  JOIN pull_request_commits c ON c.commit = s.commit
),
commits_of AS (
  SELECT source, pull_request, min(authored_at) AS authored_at, min(explicit_rank) AS explicit_rank,
         min(commit_rank) AS commit_rank
  FROM written
  GROUP BY source, pull_request
),
issues_of AS (
  SELECT p.source, p.id, min(i.created_at) AS created_at, min(i.started_at) AS started_at,
         array_agg(i.type) AS types, flatten(array_agg(i.labels)) AS labels, array_agg(i.priority) AS priorities
  FROM issues i
  JOIN (SELECT source, id, unnest(issues) AS key FROM pull_requests WHERE state = 'MERGED') p ON p.key = i.key
  GROUP BY p.source, p.id
),
-- What is known of a repository name. Where some deployment of the repository or of its service says what it carried
-- (`tells`), rule TIME is not needed.
telling_repositories AS (
  SELECT DISTINCT place
  FROM (SELECT unnest(repositories) AS place FROM facts.resolved_deployments WHERE rank IS NOT NULL AND carries_commit)
),
telling_services AS (
  SELECT DISTINCT service AS place FROM facts.resolved_deployments
  WHERE rank IS NOT NULL AND carries_commit AND service IS NOT NULL
),
places AS (
  SELECT coalesce(r.name, t.place) AS repository, r.service, r.project,
         t.place IS NOT NULL OR s.place IS NOT NULL AS tells
  FROM telling_repositories t
  FULL JOIN facts.named_repositories r ON r.name = t.place
  LEFT JOIN telling_services s ON s.place = r.service
),
placed AS (
  SELECT p.*, r.service, r.project, coalesce(r.tells, false) AS tells,
         least(next_shipment('REPOSITORY', p.repository, p.merged_at), next_shipment('SERVICE', r.service, p.merged_at))
           AS time_rank
  FROM places r
  RIGHT JOIN pull_requests p ON p.repository = r.repository
  WHERE p.state = 'MERGED'
),
authored AS (
  SELECT p.*, b.login IS NOT NULL OR ends_with(p.author, '[bot]') AS author_is_bot
  FROM bots b
  RIGHT JOIN placed p ON p.source = b.source AND p.author = b.login
),
merged AS (
  SELECT p.*, s.explicit_rank, s.commit_rank, s.ancestry_rank
  FROM facts.shipments s
  RIGHT JOIN authored p ON p.merge_commit = s.commit
),
linked AS (
  SELECT p.* EXCLUDE (explicit_rank, commit_rank), c.authored_at,
         least(p.explicit_rank, c.explicit_rank) AS explicit_rank,
         least(p.commit_rank, c.commit_rank) AS commit_rank,
         CASE WHEN NOT p.tells THEN p.time_rank END AS fallback_rank
  FROM commits_of c
  RIGHT JOIN merged p ON p.source = c.source AND p.id = c.pull_request
),
finished_builds AS (
  SELECT commit, array_agg(finished_at) AS finishes
  FROM builds
  WHERE status IN ('SUCCESS', 'FAILURE') AND finished_at IS NOT NULL AND commit IS NOT NULL
  GROUP BY commit
),
deployed AS (
  SELECT p.*, d.finished_at AS deployed_at, d.id AS deployment, d.source AS deployment_source,
         d.environment AS deployment_environment, d.kind AS deployment_kind
  FROM facts.resolved_deployments d
  RIGHT JOIN linked p ON coalesce(p.explicit_rank, p.commit_rank, p.ancestry_rank, p.fallback_rank) = d.rank
),
built AS (
  SELECT p.*, CASE WHEN p.deployed_at IS NULL THEN b.finishes
                   ELSE array_filter(b.finishes, finish -> finish <= p.deployed_at) END AS finishes
  FROM finished_builds b
  RIGHT JOIN deployed p ON p.merge_commit = b.commit
),
tracked AS (
  SELECT p.*, i.created_at AS issue_created_at, i.started_at AS issue_started_at, i.types AS issue_types,
         i.labels AS issue_labels, i.priorities AS issue_priorities
  FROM issues_of i
  RIGHT JOIN built p ON p.source = i.source AND p.id = i.id
),
discussed AS (
  SELECT p.*, f.first_comment_at, f.first_review_at, f.first_approval_at, f.last_approval_at, f.comments, f.reviews
  FROM feedback f
  RIGHT JOIN tracked p ON p.source = f.source AND p.id = f.pull_request
)
SELECT
  p.source, p.id, p.url, p.number, p.title, p.repository, p.service, p.project, p.author, p.author_is_bot, p.base_branch,
  p.head_branch, p.labels, p.issues,
  array_sort(array_distinct(array_filter(p.issue_types, type -> type IS NOT NULL))) AS issue_types,
  array_sort(array_distinct(array_filter(p.issue_labels, label -> label IS NOT NULL))) AS issue_labels,
  array_sort(array_distinct(array_filter(p.issue_priorities, priority -> priority IS NOT NULL))) AS issue_priorities,
  p.additions + p.deletions AS lines_changed, p.issue_created_at, p.issue_started_at,
  coalesce(p.first_commit_at, p.authored_at) AS first_commit_at,
  p.created_at AS opened_at,
  coalesce(p.ready_at, p.created_at) AS ready_at,
  p.first_comment_at, p.first_review_at, p.first_approval_at, p.last_approval_at,
  coalesce(p.comments, 0) AS comments,
  coalesce(p.reviews, 0) AS reviews,
  p.merged_at,
  array_min(p.finishes) AS first_build_finished_at,
  array_max(p.finishes) AS last_build_finished_at,
  p.deployed_at, p.deployment, p.deployment_source, p.deployment_environment, p.deployment_kind,
  CASE WHEN p.explicit_rank IS NOT NULL THEN 'EXPLICIT'
       WHEN p.commit_rank IS NOT NULL THEN 'COMMIT'
       WHEN p.ancestry_rank IS NOT NULL THEN 'ANCESTRY'
       WHEN p.fallback_rank IS NOT NULL THEN 'TIME' END AS link_rule,
  t.finished_at AS time_deployed_at,
  t.id AS time_deployment,
  t.source AS time_deployment_source,
  t.environment AS time_deployment_environment,
  t.kind AS time_deployment_kind
FROM facts.resolved_deployments t
RIGHT JOIN discussed p ON p.time_rank = t.rank
