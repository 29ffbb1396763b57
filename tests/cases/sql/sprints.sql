-- columns: SPRINT_COMMIT.numerator SPRINT_CREEP.numerator SPRINT_REMOVED.numerator SPRINT_SIZE.numerator SPRINT_DELIVERED.numerator SPRINT_DELIVERED_COMMIT.numerator SPRINT_DELIVERED_CREEP.numerator SPRINT_MISSED.numerator SPRINT_MISSED_COMMIT.numerator SPRINT_MISSED_CREEP.numerator SPRINT_COMMIT_DONE_RATIO.value SPRINT_CREEP_RATIO.value SPRINT_DELIVERED_TO_COMMIT.value SPRINT_DELIVERED_TO_SIZE.value SPRINT_VELOCITY.value SPRINT_VELOCITY.denominator SPRINT_PREDICTABILITY.value SPRINT_CHURN.value SPRINT_SIZE.sampleSize SPRINT_SIZE.coverage
-- Written from the definitions, over the tables as they are stored, by story points with a day of grace. The sample has no
-- bots in its tracker, nobody in it leaves a sprint without having come, and every issue in a sprint has changed its status.
WITH called AS (
  SELECT id AS sprint, id AS name FROM sprints
  UNION ALL
  SELECT id, name FROM sprints
),
events AS (
  SELECT sprint, issue, removed_at AS at, 0 AS turn, 0 AS inside FROM sprint_issues WHERE removed_at IS NOT NULL
  UNION ALL
  SELECT sprint, issue, added_at, 1, 1 FROM sprint_issues
  UNION ALL
  SELECT c.sprint, t.issue, t.at, 2, 0 FROM issue_transitions t JOIN called c ON c.name = t.from_value WHERE t.field = 'SPRINT'
  UNION ALL
  SELECT c.sprint, t.issue, t.at, 3, 1 FROM issue_transitions t JOIN called c ON c.name = t.to_value WHERE t.field = 'SPRINT'
),
-- Until the next event, whatever it is: two that say the same are two times that meet.
times AS (
  SELECT sprint, issue, at AS since, inside, lead(at) OVER (PARTITION BY sprint, issue ORDER BY at, turn) AS until FROM events
),
items AS (
  SELECT s.id AS sprint, t.issue, s.starts_at, s.completed_at AS ended_at, greatest(min(t.since), s.starts_at) AS entered_at,
         CASE WHEN max(coalesce(t.until, s.completed_at)) < s.completed_at THEN max(t.until) ELSE s.completed_at END AS left_at
  FROM sprints s
  JOIN times t ON t.sprint = s.id
  WHERE t.inside = 1 AND s.completed_at IS NOT NULL AND t.since < s.completed_at
    AND coalesce(t.until, s.completed_at) > s.starts_at
  GROUP BY s.id, t.issue, s.starts_at, s.completed_at
),
moments AS (
  SELECT sprint, issue, 'ENTRY' AS name, entered_at AS at FROM items
  UNION ALL
  SELECT sprint, issue, 'END', left_at FROM items
),
-- The newest change until the moment; before the first one, what that one changed.
changed AS (
  SELECT m.sprint, m.issue, m.name, t.field, t.to_value AS value,
         row_number() OVER (PARTITION BY m.sprint, m.issue, m.name, t.field ORDER BY t.at DESC, t.id DESC) AS n
  FROM moments m
  JOIN issue_transitions t ON t.issue = m.issue AND t.at <= m.at
),
original AS (
  SELECT issue, field, from_value AS value, row_number() OVER (PARTITION BY issue, field ORDER BY at, id) AS n
  FROM issue_transitions
),
known AS (
  SELECT m.sprint, m.issue, m.name, i.type,
         d.status IS NOT NULL AS is_done,
         coalesce(CAST(p.value AS DOUBLE), CAST(po.value AS DOUBLE), i.story_points) AS points
  FROM moments m
  JOIN issues i ON i.id = m.issue
  LEFT JOIN changed s ON s.sprint = m.sprint AND s.issue = m.issue AND s.name = m.name AND s.field = 'STATUS' AND s.n = 1
  LEFT JOIN original so ON so.issue = m.issue AND so.field = 'STATUS' AND so.n = 1
  LEFT JOIN (SELECT DISTINCT status FROM issues WHERE category = 'DONE') d ON d.status = coalesce(s.value, so.value)
  LEFT JOIN changed p ON p.sprint = m.sprint AND p.issue = m.issue AND p.name = m.name AND p.field = 'POINTS' AND p.n = 1
  LEFT JOIN original po ON po.issue = m.issue AND po.field = 'POINTS' AND po.n = 1
),
judged AS (
  SELECT to_char(date_trunc('month', i.ended_at), '%Y-%m') AS month, i.sprint, e.points,
         coalesce(e.points, 0) AS effort,
         abs(coalesce(l.points, 0) - coalesce(e.points, 0)) AS resized,
         i.entered_at <= i.starts_at + INTERVAL '1 day' AS planned,
         i.left_at < i.ended_at AS removed,
         l.is_done
  FROM items i
  JOIN known e ON e.sprint = i.sprint AND e.issue = i.issue AND e.name = 'ENTRY'
  JOIN known l ON l.sprint = i.sprint AND l.issue = i.issue AND l.name = 'END'
  WHERE NOT e.is_done AND e.type <> 'Sub-task'
    AND i.ended_at >= '2026-01-01T00:00:00Z' AND i.ended_at < '2026-07-01T00:00:00Z'
),
sums AS (
  SELECT month, count(DISTINCT sprint) AS sprints, count(*) AS items, count(points) AS estimated,
         sum(effort) AS size, sum(resized) AS resized,
         sum(CASE WHEN planned THEN effort ELSE 0 END) AS planned,
         sum(CASE WHEN removed THEN effort ELSE 0 END) AS removed,
         sum(CASE WHEN NOT removed AND is_done THEN effort ELSE 0 END) AS delivered,
         sum(CASE WHEN NOT removed AND is_done AND planned THEN effort ELSE 0 END) AS delivered_planned,
         sum(CASE WHEN NOT removed AND NOT is_done THEN effort ELSE 0 END) AS missed,
         sum(CASE WHEN NOT removed AND NOT is_done AND planned THEN effort ELSE 0 END) AS missed_planned
  FROM judged
  GROUP BY GROUPING SETS ((month), ())
),
by_sprint AS (
  SELECT month, sum(CASE WHEN NOT removed AND is_done THEN effort ELSE 0 END) / sum(CASE WHEN planned THEN effort END) AS share
  FROM judged
  GROUP BY month, sprint
  HAVING sum(CASE WHEN planned THEN effort ELSE 0 END) > 0
),
spreads AS (
  SELECT month, stddev_pop(share) AS spread FROM by_sprint GROUP BY GROUPING SETS ((month), ())
)
SELECT s.month,
  planned AS "SPRINT_COMMIT.numerator",
  size - planned AS "SPRINT_CREEP.numerator",
  removed AS "SPRINT_REMOVED.numerator",
  size AS "SPRINT_SIZE.numerator",
  delivered AS "SPRINT_DELIVERED.numerator",
  delivered_planned AS "SPRINT_DELIVERED_COMMIT.numerator",
  delivered - delivered_planned AS "SPRINT_DELIVERED_CREEP.numerator",
  missed AS "SPRINT_MISSED.numerator",
  missed_planned AS "SPRINT_MISSED_COMMIT.numerator",
  missed - missed_planned AS "SPRINT_MISSED_CREEP.numerator",
  delivered_planned / planned AS "SPRINT_COMMIT_DONE_RATIO.value",
  (size - planned) / planned AS "SPRINT_CREEP_RATIO.value",
  delivered / planned AS "SPRINT_DELIVERED_TO_COMMIT.value",
  delivered / size AS "SPRINT_DELIVERED_TO_SIZE.value",
  delivered / sprints AS "SPRINT_VELOCITY.value",
  sprints AS "SPRINT_VELOCITY.denominator",
  spread AS "SPRINT_PREDICTABILITY.value",
  (size - planned + removed + resized) / planned AS "SPRINT_CHURN.value",
  estimated AS "SPRINT_SIZE.sampleSize",
  CAST(estimated AS DOUBLE) / items AS "SPRINT_SIZE.coverage"
FROM sums s
JOIN spreads p ON coalesce(p.month, '') = coalesce(s.month, '')
