WITH bots AS (
  SELECT DISTINCT source, login
  FROM accounts
  WHERE kind = 'BOT' OR ends_with(login, '[bot]') OR ends_with(name, '[bot]')
),
-- Where the offset is not known, the day is the one in UTC.
days AS (
  SELECT source, author, repository,
         (CAST(authored_at AS BIGINT) + coalesce(authored_offset_minutes, 0) * 60000000) / 86400000000 AS day_number,
         min(authored_at) AS first_at, max(authored_at) AS last_at, count(*) AS commits,
         sum(additions) AS additions, sum(deletions) AS deletions
  FROM commits
  WHERE NOT coalesce(is_merge, array_length(parents) > 1, false) AND author <> ''
  GROUP BY 1, 2, 3, 4
),
placed AS (
  SELECT d.*, r.service, r.project,
         arrow_cast(d.day_number * 86400000000, 'Timestamp(Microsecond, Some("UTC"))') AS day
  FROM facts.named_repositories r
  RIGHT JOIN days d ON d.repository = r.name
)
SELECT
  d.source,
  to_char(d.day, '%Y-%m-%d') || ' ' || d.author || ' ' || d.repository AS id,
  d.day, d.day_number, d.author,
  b.login IS NOT NULL OR ends_with(d.author, '[bot]') AS author_is_bot,
  d.repository, d.service, d.project, d.first_at, d.last_at, d.commits, d.additions, d.deletions
FROM bots b
RIGHT JOIN placed d ON d.source = b.source AND d.author = b.login
