-- metric: TIME_TO_FIRST_COMMENT
-- columns: mean median sampleSize coverage
-- Written from the definition, over the tables as they are stored. Of the sample's pull requests, drafts that nobody marked
-- ready are still open.
WITH bots AS (
  SELECT source, login FROM accounts WHERE kind = 'BOT' OR login LIKE '%[bot]'
),
said AS (
  SELECT source, pull_request, author AS who, created_at AS said_at FROM comments
  UNION ALL
  SELECT source, pull_request, reviewer, submitted_at FROM reviews
),
heard AS (
  SELECT s.* FROM said s WHERE NOT EXISTS (SELECT 1 FROM bots b WHERE b.source = s.source AND b.login = s.who)
),
opened AS (
  SELECT p.id, to_char(date_trunc('month', p.created_at), '%Y-%m') AS month,
         CASE WHEN p.draft AND p.ready_at IS NULL THEN NULL ELSE coalesce(p.ready_at, p.created_at) END AS ready_at,
         min(h.said_at) AS said_at
  FROM pull_requests p
  LEFT JOIN heard h ON h.source = p.source AND h.pull_request = p.id AND h.who <> p.author
  WHERE p.created_at >= '2026-01-01T00:00:00Z' AND p.created_at < '2026-07-01T00:00:00Z'
    AND NOT EXISTS (SELECT 1 FROM bots b WHERE b.source = p.source AND b.login = p.author)
  GROUP BY p.source, p.id, p.created_at, p.draft, p.ready_at
),
timed AS (
  SELECT month, CASE WHEN said_at >= ready_at THEN date_part('epoch', said_at) - date_part('epoch', ready_at) END AS seconds
  FROM opened
)
SELECT month, avg(seconds) AS mean, median(seconds) AS median, count(seconds) AS "sampleSize",
       CAST(count(seconds) AS DOUBLE) / count(*) AS coverage
FROM timed
GROUP BY GROUPING SETS ((month), ())
