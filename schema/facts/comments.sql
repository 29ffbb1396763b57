-- The left side of a join is the one held in memory: the comments, of which there are most, always stand on the right.
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
made AS (
  SELECT c.source, c.id, c.url, c.pull_request, c.author AS commenter, c.kind, c.created_at,
         b.login IS NOT NULL OR ends_with(c.author, '[bot]') AS commenter_is_bot
  FROM bots b
  RIGHT JOIN comments c ON c.source = b.source AND c.author = b.login
)
SELECT
  c.source, c.id, coalesce(c.url, p.url) AS url, c.pull_request, p.number, p.title, p.repository, p.service, p.project,
  p.base_branch, p.labels, p.author, p.state AS pull_request_state, c.commenter, c.commenter_is_bot,
  coalesce(c.commenter = p.author, false) AS is_own,
  c.kind, c.created_at
FROM placed p
RIGHT JOIN made c ON c.source = p.source AND c.pull_request = p.id
