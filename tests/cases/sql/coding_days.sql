-- metric: CODING_DAYS
-- columns: numerator
-- Written from the definition, over the tables as they are stored. Developers' time is not in the tables, and without
-- people every account is somebody.
WITH bots AS (
  SELECT source, login FROM accounts WHERE kind = 'BOT' OR login LIKE '%[bot]'
),
written AS (
  SELECT DISTINCT c.source, c.author,
         to_char(to_timestamp_micros(CAST(c.authored_at AS BIGINT) + c.authored_offset_minutes * 60000000), '%Y-%m-%d') AS day
  FROM commits c
  WHERE NOT c.is_merge AND NOT EXISTS (SELECT 1 FROM bots b WHERE b.source = c.source AND b.login = c.author)
)
SELECT substr(day, 1, 7) AS month, count(*) AS numerator
FROM written
WHERE day BETWEEN '2026-01-01' AND '2026-06-30'
GROUP BY GROUPING SETS ((substr(day, 1, 7)), ())
