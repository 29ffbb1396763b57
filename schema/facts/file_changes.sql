-- The left side of a join is the one held in memory.
WITH bots AS (
  SELECT DISTINCT source, login
  FROM accounts
  WHERE kind = 'BOT' OR ends_with(login, '[bot]') OR ends_with(name, '[bot]')
),
merged AS (
  SELECT * FROM pull_requests WHERE state = 'MERGED' AND merged_at IS NOT NULL
),
placed AS (
  SELECT p.source, p.id, p.url, p.number, p.title, p.repository, r.service, r.project, p.author, p.base_branch, p.labels,
         p.merged_at
  FROM facts.named_repositories r
  RIGHT JOIN merged p ON p.repository = r.name
),
authored AS (
  SELECT p.*, b.login IS NOT NULL OR ends_with(p.author, '[bot]') AS author_is_bot
  FROM bots b
  RIGHT JOIN placed p ON p.source = b.source AND p.author = b.login
),
counted AS (
  SELECT source, pull_request, commit, is_empty, is_collected FROM facts.merged_commits WHERE NOT is_echo
),
first_files AS (
  SELECT commit, min(path) AS path FROM facts.written_files GROUP BY commit
),
opened AS (
  SELECT c.*, f.path AS first_path
  FROM counted c
  LEFT JOIN first_files f ON f.commit = c.commit
),
changed AS (
  SELECT c.source, c.pull_request, c.commit, f.path, f.previous_path, f.authored_at, f.additions, f.deletions,
         f.path IS NULL OR f.path = c.first_path AS opens_commit,
         c.is_empty OR c.is_collected AND f.authored_at IS NOT NULL AS is_known,
         f.rework_7_days, f.rework_14_days, f.rework_21_days, f.rework_30_days, f.rework_60_days, f.rework_90_days
  FROM opened c
  LEFT JOIN facts.written_files f ON f.commit = c.commit
)
SELECT
  p.source, concat_ws(' ', p.id, c.commit, c.path) AS id, p.url, p.id AS pull_request, p.number, p.title, p.repository,
  p.service, p.project, p.author, p.author_is_bot, p.base_branch, p.labels, c.commit, c.path, c.previous_path,
  c.authored_at, p.merged_at, c.opens_commit, c.is_known,
  c.additions, c.deletions, c.additions + c.deletions AS lines_changed,
  c.rework_7_days, c.rework_14_days, c.rework_21_days, c.rework_30_days, c.rework_60_days, c.rework_90_days
FROM authored p
JOIN changed c ON p.source = c.source AND p.id = c.pull_request
