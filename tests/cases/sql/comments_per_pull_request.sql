-- metric: COMMENTS_PER_PULL_REQUEST
-- columns: value numerator denominator coverage
-- Written from the definition, over the tables as they are stored.
WITH bots AS (
  SELECT source, login FROM accounts WHERE kind = 'BOT' OR login LIKE '%[bot]'
),
merged AS (
  SELECT p.source, p.id, p.author, to_char(date_trunc('month', p.merged_at), '%Y-%m') AS month
  FROM pull_requests p
  WHERE p.state = 'MERGED' AND p.merged_at >= '2026-01-01T00:00:00Z' AND p.merged_at < '2026-07-01T00:00:00Z'
    AND NOT EXISTS (SELECT 1 FROM bots b WHERE b.source = p.source AND b.login = p.author)
),
talked AS (
  SELECT m.month, count(c.id) AS comments
  FROM merged m
  LEFT JOIN (
    SELECT c.* FROM comments c
    WHERE NOT EXISTS (SELECT 1 FROM bots b WHERE b.source = c.source AND b.login = c.author)
  ) c ON c.source = m.source AND c.pull_request = m.id AND c.author <> m.author
  GROUP BY m.source, m.id, m.month
)
SELECT month, sum(comments) AS numerator, count(*) AS denominator, CAST(sum(comments) AS DOUBLE) / count(*) AS value,
       1.0 AS coverage
FROM talked
GROUP BY GROUPING SETS ((month), ())
