WITH said AS (
  SELECT source, status, first_value(category ORDER BY issues DESC, category) AS category
  FROM (
    SELECT source, status, category, count(*) AS issues
    FROM issues
    WHERE status IS NOT NULL AND category IS NOT NULL
    GROUP BY source, status, category
  )
  GROUP BY source, status
),
named AS (
  SELECT source, status FROM issues WHERE status IS NOT NULL
  UNION
  SELECT source, from_value FROM issue_transitions WHERE field = 'STATUS' AND from_value IS NOT NULL
  UNION
  SELECT source, to_value FROM issue_transitions WHERE field = 'STATUS' AND to_value IS NOT NULL
)
SELECT
  n.source, n.status,
  coalesce(s.category,
    CASE WHEN lower(trim(n.status)) IN ('to do', 'todo', 'to-do', 'open', 'opened', 'new', 'created', 'backlog', 'triage',
                                        'planned', 'ready', 'selected', 'selected for development', 'reopened', 're-opened',
                                        'unstarted', 'not started')
         THEN 'TO_DO'
         WHEN lower(trim(n.status)) IN ('done', 'closed', 'resolved', 'complete', 'completed', 'finished', 'fixed', 'merged',
                                        'released', 'deployed', 'cancelled', 'canceled', 'rejected', 'declined', 'duplicate',
                                        'won''t do', 'wont do', 'won''t fix', 'abandoned')
         THEN 'DONE'
         ELSE 'IN_PROGRESS' END) AS category
FROM named n
LEFT JOIN said s ON s.source = n.source AND s.status = n.status
