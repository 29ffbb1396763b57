-- Made like changes.sql: the left side of a join is the one held in memory, so the pull requests always stand on the right.
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
         min(s.approval_at) AS first_approval_at
  FROM (SELECT source, id, author FROM pull_requests) p
  JOIN heard s ON s.source = p.source AND s.pull_request = p.id AND s.person <> p.author
  GROUP BY s.source, s.pull_request
),
placed AS (
  SELECT p.*, r.service, r.project
  FROM facts.named_repositories r
  RIGHT JOIN pull_requests p ON p.repository = r.name
),
authored AS (
  SELECT p.*, b.login IS NOT NULL OR ends_with(p.author, '[bot]') AS author_is_bot
  FROM bots b
  RIGHT JOIN placed p ON p.source = b.source AND p.author = b.login
)
SELECT
  p.source, p.id, p.url, p.number, p.title, p.repository, p.service, p.project, p.author, p.author_is_bot, p.state,
  coalesce(p.draft, false) AND p.state = 'OPEN' AS is_draft,
  p.base_branch, p.head_branch, p.labels, p.issues, p.additions + p.deletions AS lines_changed, p.changed_files,
  p.created_at AS opened_at,
  -- A draft that nobody marked ready is not ready; a merged one must have been.
  CASE WHEN coalesce(p.draft, false) AND p.state <> 'MERGED' THEN p.ready_at
       ELSE coalesce(p.ready_at, p.created_at) END AS ready_at,
  f.first_comment_at, f.first_review_at, f.first_approval_at,
  coalesce(f.comments, 0) AS comments,
  coalesce(f.reviews, 0) AS reviews,
  CASE WHEN p.state = 'MERGED' THEN p.merged_at END AS merged_at,
  CASE WHEN p.state <> 'OPEN' THEN coalesce(p.closed_at, p.merged_at) END AS closed_at
FROM feedback f
RIGHT JOIN authored p ON p.source = f.source AND p.id = f.pull_request
