WITH told AS (
  SELECT
    source, login,
    first_value(name ORDER BY updated_at DESC, id) FILTER (WHERE name IS NOT NULL) AS name,
    first_value(email ORDER BY updated_at DESC, id) FILTER (WHERE email IS NOT NULL) AS email,
    bool_or((kind IS NOT NULL AND kind = 'BOT') OR coalesce(ends_with(name, '[bot]'), false)) AS is_bot
  FROM accounts
  WHERE login <> ''
  GROUP BY source, login
),
-- An assignee that an issue had once may be named nowhere else.
named AS (
  SELECT source, login, first_at, last_at,
         CASE WHEN kind IN ('COMMIT', 'PULL_REQUEST', 'REVIEW') THEN items ELSE 0 END AS code_items, items
  FROM facts.activity
  UNION ALL
  SELECT source, to_value, NULL, NULL, 0, 0 FROM issue_transitions WHERE field = 'ASSIGNEE' AND to_value <> ''
  UNION ALL
  SELECT source, from_value, NULL, NULL, 0, 0 FROM issue_transitions WHERE field = 'ASSIGNEE' AND from_value <> ''
),
did AS (
  SELECT source, login, min(first_at) AS first_at, max(last_at) AS last_at, sum(code_items) AS code_items,
         sum(items) AS items
  FROM named
  GROUP BY source, login
),
known AS (
  SELECT coalesce(t.source, d.source) AS source, coalesce(t.login, d.login) AS login, t.name, t.email, t.is_bot,
         d.first_at, d.last_at, d.code_items, d.items
  FROM told t
  FULL JOIN did d ON d.source = t.source AND d.login = t.login
)
SELECT
  source, login, name,
  coalesce(email, CASE WHEN strpos(login, '@') > 1 THEN login END) AS email,
  coalesce(is_bot, false) OR ends_with(login, '[bot]') AS is_bot,
  first_at, last_at,
  coalesce(code_items, 0) AS code_items,
  coalesce(items, 0) AS items
FROM known
