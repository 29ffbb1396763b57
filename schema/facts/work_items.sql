-- Made for a session that leaves the order of joins alone: the left side of a join is the one held in memory. The issues,
-- which are wide, always stand on the right.
WITH bots AS (
  SELECT DISTINCT source, login
  FROM accounts
  WHERE kind = 'BOT' OR ends_with(login, '[bot]') OR ends_with(name, '[bot]')
),
statuses AS (
  SELECT source, issue,
         max(category) FILTER (WHERE until IS NULL) AS category,
         max(category) FILTER (WHERE at IS NULL) AS first_category,
         min(until) FILTER (WHERE at IS NULL) AS first_change_at,
         min(at) FILTER (WHERE category = 'IN_PROGRESS') AS started_at,
         max(at) FILTER (WHERE category = 'DONE' AND previous_category IS DISTINCT FROM 'DONE') AS done_at,
         count(*) FILTER (WHERE category <> 'DONE' AND previous_category = 'DONE') AS reopened,
         sum(CAST(until AS BIGINT) - CAST(at AS BIGINT)) FILTER (WHERE category = 'IN_PROGRESS') AS micros_in_progress
  FROM facts.issue_history
  WHERE field = 'STATUS'
  GROUP BY source, issue
),
sprints_of AS (
  SELECT s.source, s.issue, array_agg(DISTINCT p.name ORDER BY p.name) AS sprints,
         array_agg(DISTINCT p.board ORDER BY p.board) FILTER (WHERE p.board IS NOT NULL) AS boards
  FROM sprints p
  JOIN facts.sprint_spells s ON p.source = s.source AND p.id = s.sprint
  GROUP BY s.source, s.issue
),
tracked AS (
  SELECT i.*, h.issue IS NOT NULL AS has_history, h.category AS last_category, h.first_change_at, h.done_at,
         h.first_category = 'IN_PROGRESS' AND i.created_at < h.first_change_at AS began_in_progress,
         h.started_at AS progress_at, h.reopened, h.micros_in_progress
  FROM statuses h
  RIGHT JOIN issues i ON h.source = i.source AND h.issue = i.id
),
judged AS (
  SELECT t.* EXCLUDE (category, started_at, completed_at),
         coalesce(t.last_category, t.category, s.category) AS category,
         CASE WHEN t.began_in_progress THEN t.created_at ELSE coalesce(t.progress_at, t.started_at) END AS started_at,
         CASE WHEN NOT t.has_history THEN t.completed_at
              WHEN t.last_category = 'DONE' THEN coalesce(t.done_at, t.created_at) END AS completed_at
  FROM facts.issue_statuses s
  RIGHT JOIN tracked t ON s.source = t.source AND s.status = t.status
),
-- Of the spells of an assignee at most one covers the moment.
assigned AS (
  SELECT j.* EXCLUDE (assignee), CASE WHEN a.issue IS NULL THEN j.assignee ELSE a.value END AS assignee
  FROM (SELECT source, issue, at, until, value FROM facts.issue_history WHERE field = 'ASSIGNEE') a
  RIGHT JOIN judged j ON a.source = j.source AND a.issue = j.id
    AND (a.at IS NULL OR a.at <= j.completed_at OR j.completed_at IS NULL)
    AND (a.until IS NULL OR a.until > j.completed_at)
),
planned AS (
  SELECT i.*, s.sprints, s.boards
  FROM sprints_of s
  RIGHT JOIN assigned i ON s.source = i.source AND s.issue = i.id
)
SELECT
  i.source, i.id, i.url, i.key, i.project, i.type, i.title, i.status, i.category, i.resolution, i.priority, i.labels,
  i.components,
  issue_key(i.source, i.parent) AS parent,
  issue_key(i.source, i.epic) AS epic,
  issue_ancestors(i.source, i.id, i.parent, i.epic) AS ancestors,
  issue_is_leaf(i.source, i.id) AS is_leaf,
  i.sprints, i.boards, i.story_points, i.assignee,
  coalesce(b.login IS NOT NULL OR ends_with(i.assignee, '[bot]'), false) AS assignee_is_bot,
  i.reporter, i.created_at, i.started_at, i.completed_at,
  coalesce(i.reopened, 0) AS reopened,
  CAST(CASE
    WHEN i.began_in_progress
      THEN CAST(i.first_change_at AS BIGINT) - CAST(i.created_at AS BIGINT) + coalesce(i.micros_in_progress, 0)
    WHEN i.micros_in_progress IS NOT NULL THEN i.micros_in_progress
    WHEN i.completed_at >= i.started_at THEN CAST(i.completed_at AS BIGINT) - CAST(i.started_at AS BIGINT)
  END AS DOUBLE) / 1000000 AS seconds_in_progress
FROM bots b
RIGHT JOIN planned i ON b.source = i.source AND b.login = i.assignee
