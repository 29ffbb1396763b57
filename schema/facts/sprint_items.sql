-- Made for a session that leaves the order of joins alone: the left side of a join is the one held in memory.
WITH bots AS (
  SELECT DISTINCT source, login
  FROM accounts
  WHERE kind = 'BOT' OR ends_with(login, '[bot]') OR ends_with(name, '[bot]')
),
timed AS (
  SELECT source, id, name, board, starts_at, coalesce(completed_at, ends_at) AS ended_at,
         completed_at IS NOT NULL
           OR coalesce(lower(trim(state)) IN ('closed', 'complete', 'completed', 'done', 'ended', 'finished', 'past'), false)
           AS is_completed
  FROM sprints
),
spells AS (
  SELECT s.source, s.sprint, s.issue, t.starts_at, t.ended_at, coalesce(s.since, i.created_at) AS since, s.until
  FROM timed t
  JOIN facts.sprint_spells s ON t.source = s.source AND t.id = s.sprint
  JOIN (SELECT source, id, created_at FROM issues) i ON s.source = i.source AND s.issue = i.id
),
-- Only what lies within the sprint's own time: who was taken out while it was planned was never in it, and when unfinished
-- issues go on to the next sprint as this one ends, they are not taken out of it.
members AS (
  SELECT source, sprint, issue, min(starts_at) AS starts_at, min(ended_at) AS ended_at, min(since) AS added_at,
         CASE WHEN NOT coalesce(bool_or(until IS NULL OR until >= ended_at), false) THEN max(until) END AS removed_at
  FROM spells
  WHERE (until IS NULL OR until > since AND (starts_at IS NULL OR until > starts_at))
    AND (ended_at IS NULL OR since < ended_at)
  GROUP BY source, sprint, issue
),
moments AS (
  SELECT *, greatest(starts_at, added_at) AS entered_at,
         coalesce(removed_at, ended_at, arrow_cast(253370764800000000, 'Timestamp(Microsecond, Some("UTC"))')) AS left_at
  FROM members
),
-- One pass over the histories of the issues. Of the spells of a field exactly one covers each moment.
histories AS (
  SELECT m.*, h.field, h.category,
         CASE WHEN h.field = 'ASSIGNEE' THEN h.value END AS assignee,
         CASE WHEN h.field = 'POINTS' THEN TRY_CAST(h.value AS DOUBLE) END AS points,
         (h.at IS NULL OR h.at <= m.entered_at) AND (h.until IS NULL OR h.until > m.entered_at) AS at_entry,
         (h.at IS NULL OR h.at <= m.left_at) AND (h.until IS NULL OR h.until > m.left_at) AS at_end
  FROM moments m
  LEFT JOIN facts.issue_history h ON m.source = h.source AND m.issue = h.issue
),
looked AS (
  SELECT source, sprint, issue, min(starts_at) AS starts_at, min(added_at) AS added_at, min(removed_at) AS removed_at,
         min(entered_at) AS entered_at, min(left_at) AS left_at,
         coalesce(bool_or((field = 'STATUS')), false) AS has_statuses,
         coalesce(bool_or((field = 'POINTS')), false) AS has_points,
         coalesce(bool_or((field = 'ASSIGNEE')), false) AS has_assignees,
         coalesce(bool_or((category = 'DONE')) FILTER (WHERE at_entry), false) AS done_at_entry,
         coalesce(bool_or((category = 'DONE')) FILTER (WHERE at_end), false) AS done_at_end,
         max(points) FILTER (WHERE at_entry AND points >= 0 AND points < 1e9) AS entered_points,
         max(points) FILTER (WHERE at_end AND points >= 0 AND points < 1e9) AS end_points,
         max(assignee) FILTER (WHERE at_end) AS assignee
  FROM histories
  GROUP BY source, sprint, issue
),
judged AS (
  SELECT i.source, i.id, i.url, i.key, i.project, i.type, i.title, i.status, i.priority, i.labels, i.components, l.sprint,
         CASE WHEN l.has_assignees THEN l.assignee ELSE i.assignee END AS assignee,
         l.added_at, l.removed_at,
         CAST(CAST(l.entered_at AS BIGINT) - CAST(l.starts_at AS BIGINT) AS DOUBLE) / 1000000 AS seconds_after_start,
         CASE WHEN l.has_points THEN l.entered_points ELSE i.story_points END AS entered_points,
         CASE WHEN l.has_points THEN l.end_points ELSE i.story_points END AS end_points,
         CASE WHEN l.has_statuses THEN l.done_at_entry ELSE coalesce(i.completed_at <= l.entered_at, false) END AS done_at_entry,
         CASE WHEN l.has_statuses THEN l.done_at_end ELSE coalesce(i.completed_at <= l.left_at, false) END AS done_at_end
  FROM looked l
  JOIN issues i ON l.source = i.source AND l.issue = i.id
),
owned AS (
  SELECT j.*, coalesce(b.login IS NOT NULL OR ends_with(j.assignee, '[bot]'), false) AS assignee_is_bot
  FROM bots b
  RIGHT JOIN judged j ON b.source = j.source AND b.login = j.assignee
)
SELECT
  o.source, o.sprint || ' ' || o.id AS id, o.url, o.sprint AS sprint_id, o.source || ' ' || o.sprint AS sprint_key,
  t.name AS sprint, t.board, t.starts_at AS sprint_starts_at, t.ended_at AS sprint_ended_at,
  t.is_completed AS sprint_is_completed, o.id AS issue, o.key, o.project, o.type, o.title, o.status, o.priority, o.labels,
  o.components, o.assignee, o.assignee_is_bot, o.added_at, o.seconds_after_start, o.removed_at, o.entered_points,
  o.end_points, o.done_at_entry,
  CASE WHEN o.removed_at IS NOT NULL THEN 'REMOVED' WHEN o.done_at_end THEN 'DELIVERED' ELSE 'MISSED' END AS outcome
FROM timed t
JOIN owned o ON t.source = o.source AND t.id = o.sprint
