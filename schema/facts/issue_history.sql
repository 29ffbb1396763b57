-- Ties of time are broken by id; of two changes at one instant the first holds for no time at all.
WITH changes AS (
  SELECT source, issue, field, at, from_value, to_value,
         row_number() OVER w AS n,
         lead(at) OVER w AS until,
         coalesce(lag(to_value) OVER w, CASE WHEN row_number() OVER w = 1 THEN from_value END) AS previous
  FROM issue_transitions
  WHERE field IN ('STATUS', 'ASSIGNEE', 'POINTS') AND (field <> 'STATUS' OR to_value IS NOT NULL)
  WINDOW w AS (PARTITION BY source, issue, field ORDER BY at, id)
),
-- The first change tells what was before it: a spell without a beginning.
spells AS (
  SELECT *, unnest(CASE WHEN n = 1 THEN make_array(true, false) ELSE make_array(false) END) AS is_first FROM changes
),
told AS (
  SELECT source, issue, field,
         CASE WHEN NOT is_first THEN at END AS at,
         CASE WHEN is_first THEN at ELSE until END AS until,
         CASE WHEN is_first THEN from_value ELSE to_value END AS value,
         CASE WHEN NOT is_first THEN previous END AS previous
  FROM spells
)
SELECT t.source, t.issue, t.field, t.at, t.until, t.value, t.category, p.category AS previous_category
FROM (SELECT source, status, category, 'STATUS' AS field FROM facts.issue_statuses) p
RIGHT JOIN (
  SELECT t.*, c.category
  FROM (SELECT source, status, category, 'STATUS' AS field FROM facts.issue_statuses) c
  RIGHT JOIN told t ON c.source = t.source AND c.field = t.field AND c.status = t.value
) t ON p.source = t.source AND p.field = t.field AND p.status = t.previous
