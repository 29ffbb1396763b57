-- Every table is brought down to one row for each account and day first, then put together.
WITH commit_days AS (
  SELECT source, author AS login,
         (CAST(authored_at AS BIGINT) + coalesce(authored_offset_minutes, 0) * 60000000) / 86400000000 AS day,
         count(*) AS items, min(authored_at) AS first_at, max(authored_at) AS last_at
  FROM commits
  GROUP BY 1, 2, 3
),
branch_commit_days AS (
  SELECT source, author AS login, CAST(authored_at AS BIGINT) / 86400000000 AS day,
         count(*) AS items, min(authored_at) AS first_at, max(authored_at) AS last_at
  FROM pull_request_commits
  WHERE author IS NOT NULL
  GROUP BY 1, 2, 3
),
-- Most commits of pull requests stand among the commits as well. They count only for accounts of which no commit stands
-- there: then commits are not collected from where they are.
all_commit_days AS (
  SELECT * EXCLUDE (of_commits, has_commits)
  FROM (
    SELECT *, max(of_commits) OVER (PARTITION BY source, login) AS has_commits
    FROM (SELECT *, 1 AS of_commits FROM commit_days UNION ALL SELECT *, 0 AS of_commits FROM branch_commit_days)
  )
  WHERE of_commits = has_commits
),
pull_request_days AS (
  SELECT source, author AS login, CAST(created_at AS BIGINT) / 86400000000 AS day,
         count(*) AS items, min(created_at) AS first_at, max(created_at) AS last_at
  FROM pull_requests
  GROUP BY 1, 2, 3
),
review_days AS (
  SELECT source, reviewer AS login, CAST(submitted_at AS BIGINT) / 86400000000 AS day,
         count(*) AS items, min(submitted_at) AS first_at, max(submitted_at) AS last_at
  FROM reviews
  GROUP BY 1, 2, 3
),
comment_days AS (
  SELECT source, author AS login, CAST(created_at AS BIGINT) / 86400000000 AS day,
         count(*) AS items, min(created_at) AS first_at, max(created_at) AS last_at
  FROM comments
  GROUP BY 1, 2, 3
),
-- An issue is its reporter's on the day of the report, its assignee's on the day it was done, or else begun.
issue_days AS (
  SELECT source, login, CAST(at AS BIGINT) / 86400000000 AS day, count(*) AS items, min(at) AS first_at, max(at) AS last_at
  FROM (
    SELECT source, reporter AS login, created_at AS at FROM issues WHERE reporter IS NOT NULL
    UNION ALL
    SELECT source, assignee, coalesce(completed_at, started_at) FROM issues WHERE assignee IS NOT NULL
  )
  GROUP BY 1, 2, 3
),
days AS (
  SELECT *, 'COMMIT' AS kind FROM all_commit_days
  UNION ALL
  SELECT *, 'PULL_REQUEST' FROM pull_request_days
  UNION ALL
  SELECT *, 'REVIEW' FROM review_days
  UNION ALL
  SELECT *, 'COMMENT' FROM comment_days
  UNION ALL
  SELECT *, 'ISSUE' FROM issue_days
)
SELECT
  arrow_cast(day * 86400000000, 'Timestamp(Microsecond, Some("UTC"))') AS day,
  source, login, kind, items, first_at, last_at
FROM days
WHERE login <> ''
