-- The left side of a join is the one held in memory: the reviews, of which there are most, always stand on the right.
WITH bots AS (
  SELECT DISTINCT source, login
  FROM accounts
  WHERE kind = 'BOT' OR ends_with(login, '[bot]') OR ends_with(name, '[bot]')
),
placed AS (
  SELECT p.source, p.id, p.url, p.number, p.title, p.repository, r.service, r.project, p.base_branch, p.labels, p.author,
         p.state
  FROM facts.named_repositories r
  RIGHT JOIN pull_requests p ON p.repository = r.name
),
given AS (
  SELECT v.source, v.id, v.url, v.pull_request, v.reviewer, v.state, v.submitted_at,
         b.login IS NOT NULL OR ends_with(v.reviewer, '[bot]') AS reviewer_is_bot
  FROM bots b
  RIGHT JOIN reviews v ON v.source = b.source AND v.reviewer = b.login
)
SELECT
  v.source, v.id, coalesce(v.url, p.url) AS url, v.pull_request, p.number, p.title, p.repository, p.service, p.project,
  p.base_branch, p.labels, p.author, p.state AS pull_request_state, v.reviewer, v.reviewer_is_bot,
  coalesce(v.reviewer = p.author, false) AS is_own,
  v.state, v.submitted_at
FROM placed p
RIGHT JOIN given v ON v.source = p.source AND v.pull_request = p.id
