-- What a transition may call a sprint: its id, or its name where no other sprint of the source has it.
WITH called AS (
  SELECT source, name,
         coalesce(max(id) FILTER (WHERE is_id), CASE WHEN count(*) = 1 THEN max(id) END) AS sprint
  FROM (
    SELECT source, id AS name, id, true AS is_id FROM sprints
    UNION ALL
    SELECT source, name, id, false FROM sprints
  )
  GROUP BY source, name
),
moves AS (
  SELECT source, id, issue, at, from_value, to_value FROM issue_transitions WHERE field = 'SPRINT'
),
-- At one instant what `sprint_issues` tells stands first, and going out before coming in.
events AS (
  SELECT source, sprint, issue, removed_at AS at, 0 AS told, '' AS id, false AS comes_in
  FROM sprint_issues WHERE removed_at > added_at
  UNION ALL
  SELECT source, sprint, issue, added_at, 0, '', true
  FROM sprint_issues WHERE removed_at IS NULL OR removed_at > added_at
  UNION ALL
  SELECT m.source, c.sprint, m.issue, m.at, 1, m.id, false
  FROM called c
  JOIN moves m ON c.source = m.source AND c.name = m.from_value
  WHERE c.sprint IS NOT NULL
  UNION ALL
  SELECT m.source, c.sprint, m.issue, m.at, 1, m.id, true
  FROM called c
  JOIN moves m ON c.source = m.source AND c.name = m.to_value
  WHERE c.sprint IS NOT NULL
),
-- What says the same as the event before says nothing.
turns AS (
  SELECT *, lead(at) OVER w AS until
  FROM (
    SELECT *, lag(comes_in) OVER w AS was_in
    FROM events
    WINDOW w AS (PARTITION BY source, sprint, issue ORDER BY at, told, id, comes_in)
  )
  WHERE comes_in IS DISTINCT FROM was_in
  WINDOW w AS (PARTITION BY source, sprint, issue ORDER BY at, told, id, comes_in)
)
SELECT source, sprint, issue, CASE WHEN comes_in THEN at END AS since, CASE WHEN comes_in THEN until ELSE at END AS until
FROM turns
-- Who goes out first was in before; what comes in and goes out at once was never in.
WHERE CASE WHEN comes_in THEN until IS NULL OR until > at ELSE was_in IS NULL END
