-- metric: UNCATEGORIZED_SHARE
-- columns: numerator denominator value
-- An issue that has changes of status was done when it last became Done, if it still is; one without, when it says.
-- The company has stories (new features), bugs and tasks, which no category claims; no label but bug.
WITH steps AS (
  SELECT source, issue, at, from_value, to_value,
         lead(at) OVER (PARTITION BY source, issue ORDER BY at, id) AS until,
         row_number() OVER (PARTITION BY source, issue ORDER BY at DESC, id DESC) AS back
  FROM issue_transitions
  WHERE field = 'STATUS'
),
histories AS (
  SELECT source, issue,
         max(to_value) FILTER (WHERE back = 1) AS status,
         max(at) FILTER (WHERE to_value = 'Done' AND from_value <> 'Done') AS done_at,
         sum(CAST(until AS BIGINT) - CAST(at AS BIGINT)) FILTER (WHERE to_value = 'In progress') / 1e6 AS seconds
  FROM steps
  GROUP BY source, issue
),
completed AS (
  SELECT i.*, coalesce(h.seconds, (CAST(i.completed_at AS BIGINT) - CAST(i.started_at AS BIGINT)) / 1e6) AS seconds,
         CASE WHEN h.issue IS NULL THEN i.completed_at WHEN h.status = 'Done' THEN h.done_at END AS at
  FROM issues i
  LEFT JOIN histories h ON h.source = i.source AND h.issue = i.id
),
counted AS (
  SELECT *, to_char(at, '%Y-%m') AS in_month
  FROM completed
  WHERE at >= '2026-01-01T00:00:00Z' AND at < '2026-07-01T00:00:00Z' AND coalesce(assignee, '') NOT LIKE '%[bot]'
)
SELECT in_month AS month, count(*) FILTER (WHERE type IN ('Task', 'Sub-task') AND NOT coalesce(array_has(labels, 'bug'), false)) AS numerator, count(*) AS denominator,
  CAST(count(*) FILTER (WHERE type IN ('Task', 'Sub-task') AND NOT coalesce(array_has(labels, 'bug'), false)) AS DOUBLE) / count(*) AS value
FROM counted
GROUP BY GROUPING SETS ((in_month), ())
