-- columns: WORK_COMPLETED.numerator ISSUE_CYCLE_TIME.mean ISSUE_CYCLE_TIME.median ISSUE_CYCLE_TIME.sampleSize ISSUE_CYCLE_TIME.coverage ISSUE_LEAD_TIME.mean ISSUE_LEAD_TIME.median ISSUE_LEAD_TIME.sampleSize
-- Written from the definitions, over the tables as they are stored. Every issue of the sample that is done has changed its
-- status, and its last change of status was to or from the one status that means done; there are no bots in its tracker.
WITH changes AS (
  SELECT issue, at, to_value, row_number() OVER (PARTITION BY issue ORDER BY at DESC, id DESC) AS n
  FROM issue_transitions
  WHERE field = 'STATUS'
),
done AS (
  SELECT issue, at AS completed_at FROM changes WHERE n = 1 AND to_value = 'Done'
),
begun AS (
  SELECT issue, min(at) AS started_at FROM changes WHERE to_value IN ('In progress', 'In review') GROUP BY issue
),
timed AS (
  SELECT to_char(date_trunc('month', d.completed_at), '%Y-%m') AS month,
         date_part('epoch', d.completed_at) - date_part('epoch', b.started_at) AS cycle,
         date_part('epoch', d.completed_at) - date_part('epoch', i.created_at) AS lead
  FROM done d
  JOIN issues i ON i.id = d.issue
  LEFT JOIN begun b ON b.issue = d.issue
  WHERE d.completed_at >= '2026-01-01T00:00:00Z' AND d.completed_at < '2026-07-01T00:00:00Z'
)
SELECT month, count(*) AS "WORK_COMPLETED.numerator",
       avg(cycle) AS "ISSUE_CYCLE_TIME.mean", median(cycle) AS "ISSUE_CYCLE_TIME.median",
       count(cycle) AS "ISSUE_CYCLE_TIME.sampleSize", CAST(count(cycle) AS DOUBLE) / count(*) AS "ISSUE_CYCLE_TIME.coverage",
       avg(lead) AS "ISSUE_LEAD_TIME.mean", median(lead) AS "ISSUE_LEAD_TIME.median", count(lead) AS "ISSUE_LEAD_TIME.sampleSize"
FROM timed
GROUP BY GROUPING SETS ((month), ())
