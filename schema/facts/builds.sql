-- The left side of a join is the one held in memory.
WITH bots AS (
  SELECT DISTINCT source, login
  FROM accounts
  WHERE kind = 'BOT' OR ends_with(login, '[bot]') OR ends_with(name, '[bot]')
),
-- Who wrote what was built. A sha is the same in every source: the build's own source is asked first, then others by name.
wanted AS (
  SELECT DISTINCT source, commit FROM builds WHERE commit IS NOT NULL
),
written AS (
  SELECT w.source, w.commit,
         first_value(k.source ORDER BY k.source <> w.source, k.source) AS author_source,
         first_value(k.author ORDER BY k.source <> w.source, k.source) AS author,
         first_value(k.repository ORDER BY k.source <> w.source, k.source) AS repository
  FROM wanted w
  JOIN commits k ON k.id = w.commit
  GROUP BY w.source, w.commit
),
authored AS (
  SELECT w.*, b.login IS NOT NULL OR ends_with(w.author, '[bot]') AS author_is_bot
  FROM bots b
  RIGHT JOIN written w ON w.author_source = b.source AND w.author = b.login
),
ran AS (
  SELECT b.* EXCLUDE (repository), coalesce(b.repository, w.repository) AS repository,
         w.author_source, w.author, coalesce(w.author_is_bot, false) AS author_is_bot
  FROM authored w
  RIGHT JOIN builds b ON b.source = w.source AND b.commit = w.commit
)
SELECT
  b.source, b.id, b.url, b.pipeline, b.repository, r.service, r.project, b.commit, b.branch, b.author_source, b.author,
  b.author_is_bot, b.status, b.queued_at, b.started_at, b.finished_at
FROM facts.named_repositories r
RIGHT JOIN ran b ON b.repository = r.name
