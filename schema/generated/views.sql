-- The SQL views of the catalogue, with the parameters of the profiles that hold for the organisation; days are those of UTC. Generated; do not edit.

CREATE VIEW change_failure_rate AS
SELECT source,
    id,
    finished_at AS at,
    repositories AS repository,
    service,
    project,
    environment,
    CASE WHEN (array_has(make_array('INCIDENT'), 'INCIDENT') AND (cardinality(array_filter(failures, f -> (f['rule'] <> 'LATEST' OR f['age_seconds'] <= 604800) AND (empty(make_array()) OR array_has(make_array(), f['severity'])) AND (empty(make_array()) OR array_has(make_array(), f['urgency'])) AND (empty(make_array()) OR array_has(make_array(), f['priority'])) AND (empty(make_array()) OR array_has_any(f['labels'], make_array())))) > 0) OR array_has(make_array('INCIDENT'), 'ROLLBACK') AND NOT is_rollback AND next_is_rollback OR array_has(make_array('INCIDENT'), 'HOTFIX') AND NOT (is_unplanned OR is_rollback OR any_match(change_labels, '^hotfix$') OR any_match(change_branches, '^hotfix') OR any_match(make_array(ref), '^hotfix') OR false AND (any_match(time_change_labels, '^hotfix$') OR any_match(time_change_branches, '^hotfix'))) AND (next_is_unplanned OR next_is_rollback OR any_match(next_labels, '^hotfix$') OR any_match(next_branches, '^hotfix') OR any_match(make_array(next_ref), '^hotfix')) OR array_has(make_array('INCIDENT'), 'FAILED_DEPLOYMENT') AND status = 'FAILURE') THEN 1 ELSE 0 END AS counted
FROM facts.deployments
WHERE finished_at IS NOT NULL
    AND (((tier = 'PRODUCTION' AND ('' = '' OR any_match(make_array(environment), '')))) AND (status = 'SUCCESS' OR status = 'FAILURE' AND array_has(make_array('INCIDENT'), 'FAILED_DEPLOYMENT')) AND (array_has(make_array('PIPELINE', 'MERGE', 'RELEASE', 'CHANGE_REQUEST'), kind)));
COMMENT ON VIEW change_failure_rate IS 'Distinct successful production deployments with at least one attributed failure, divided by all successful production deployments of the period. Never incidents divided by deployments. What counts as a failure is the profile''s choice: an incident laid to the deployment (unless it says otherwise, that alone), a rollback or a hotfix that came next, a deployment that failed itself. The value is avg(counted), over the rows whose "at" lies in the period.';
COMMENT ON COLUMN change_failure_rate.source IS 'Integration that the deployment comes from.';
COMMENT ON COLUMN change_failure_rate.id IS 'Id of the deployment in its source.';
COMMENT ON COLUMN change_failure_rate.at IS 'The time it belongs to. When the last of its parts finished.';
COMMENT ON COLUMN change_failure_rate.repository IS 'Every repository that it deployed: its own and those of its parts. Null: none is known.';
COMMENT ON COLUMN change_failure_rate.service IS 'Service deployed; where it names none, the service of its repository.';
COMMENT ON COLUMN change_failure_rate.project IS 'Project; where it names none, the project of its repository.';
COMMENT ON COLUMN change_failure_rate.environment IS 'Name of the environment.';
COMMENT ON COLUMN change_failure_rate.counted IS '1 where the numerator counts the row, else 0.';

CREATE VIEW deployment_frequency AS
SELECT source,
    id,
    finished_at AS at,
    repositories AS repository,
    service,
    project,
    environment,
    1 AS counted
FROM facts.deployments
WHERE finished_at IS NOT NULL
    AND (((tier = 'PRODUCTION' AND ('' = '' OR any_match(make_array(environment), '')))) AND (status = 'SUCCESS') AND (array_has(make_array('PIPELINE', 'MERGE', 'RELEASE', 'CHANGE_REQUEST'), kind)));
COMMENT ON VIEW deployment_frequency IS 'Distinct successful production deployments whose last finish lies in the period, divided by the calendar days of the period. The value is sum(counted) divided by the calendar days of the period, over the rows whose "at" lies in the period.';
COMMENT ON COLUMN deployment_frequency.source IS 'Integration that the deployment comes from.';
COMMENT ON COLUMN deployment_frequency.id IS 'Id of the deployment in its source.';
COMMENT ON COLUMN deployment_frequency.at IS 'The time it belongs to. When the last of its parts finished.';
COMMENT ON COLUMN deployment_frequency.repository IS 'Every repository that it deployed: its own and those of its parts. Null: none is known.';
COMMENT ON COLUMN deployment_frequency.service IS 'Service deployed; where it names none, the service of its repository.';
COMMENT ON COLUMN deployment_frequency.project IS 'Project; where it names none, the project of its repository.';
COMMENT ON COLUMN deployment_frequency.environment IS 'Name of the environment.';
COMMENT ON COLUMN deployment_frequency.counted IS '1 where the numerator counts the row, else 0.';

CREATE VIEW deployment_rework_rate AS
SELECT source,
    id,
    finished_at AS at,
    repositories AS repository,
    service,
    project,
    environment,
    CASE WHEN fixes_incident OR (false AND time_fixes_incident) OR (is_unplanned OR is_rollback OR any_match(change_labels, '^hotfix$') OR any_match(change_branches, '^hotfix') OR any_match(make_array(ref), '^hotfix') OR false AND (any_match(time_change_labels, '^hotfix$') OR any_match(time_change_branches, '^hotfix'))) THEN 1 ELSE 0 END AS counted
FROM facts.deployments
WHERE finished_at IS NOT NULL
    AND (((tier = 'PRODUCTION' AND ('' = '' OR any_match(make_array(environment), '')))) AND (status IN ('SUCCESS', 'FAILURE')) AND (array_has(make_array('PIPELINE', 'MERGE', 'RELEASE', 'CHANGE_REQUEST'), kind)));
COMMENT ON VIEW deployment_rework_rate IS 'Production deployments that are flagged as unplanned, are a rollback, shipped a change with a hotfix label or branch, or fixed an incident, divided by all finished production deployments of the period. Cancelled ones count on neither side. The value is avg(counted), over the rows whose "at" lies in the period.';
COMMENT ON COLUMN deployment_rework_rate.source IS 'Integration that the deployment comes from.';
COMMENT ON COLUMN deployment_rework_rate.id IS 'Id of the deployment in its source.';
COMMENT ON COLUMN deployment_rework_rate.at IS 'The time it belongs to. When the last of its parts finished.';
COMMENT ON COLUMN deployment_rework_rate.repository IS 'Every repository that it deployed: its own and those of its parts. Null: none is known.';
COMMENT ON COLUMN deployment_rework_rate.service IS 'Service deployed; where it names none, the service of its repository.';
COMMENT ON COLUMN deployment_rework_rate.project IS 'Project; where it names none, the project of its repository.';
COMMENT ON COLUMN deployment_rework_rate.environment IS 'Name of the environment.';
COMMENT ON COLUMN deployment_rework_rate.counted IS '1 where the numerator counts the row, else 0.';

CREATE VIEW failed_deployment_recovery_time AS
SELECT source,
    id,
    resolved_at AS at,
    repositories AS repository,
    service,
    project,
    environment,
    duration((CASE WHEN cause_rule <> 'LATEST' OR cause_age_seconds <= 604800 THEN cause_finished_at END), resolved_at) / 1e6 AS seconds
FROM facts.incidents
WHERE resolved_at IS NOT NULL
    AND (((empty(make_array()) OR array_has(make_array(), severity)) AND (empty(make_array()) OR array_has(make_array(), urgency)) AND (empty(make_array()) OR array_has(make_array(), priority)) AND (empty(make_array()) OR array_has_any(labels, make_array()))));
COMMENT ON VIEW failed_deployment_recovery_time IS 'Resolved minus the finish of the deployment that caused the incident, over incidents resolved in the period. Incidents that no deployment is known to have caused lower the coverage. The value is avg(seconds) or percentile_cont(seconds, p), over the rows whose "at" lies in the period.';
COMMENT ON COLUMN failed_deployment_recovery_time.source IS 'Integration that the incident comes from.';
COMMENT ON COLUMN failed_deployment_recovery_time.id IS 'Id of the incident in its source.';
COMMENT ON COLUMN failed_deployment_recovery_time.at IS 'The time it belongs to. When service was restored.';
COMMENT ON COLUMN failed_deployment_recovery_time.repository IS 'Repositories of the cause; without one, the repositories of the incident''s service.';
COMMENT ON COLUMN failed_deployment_recovery_time.service IS 'Service that suffered.';
COMMENT ON COLUMN failed_deployment_recovery_time.project IS 'Project.';
COMMENT ON COLUMN failed_deployment_recovery_time.environment IS 'Environment of the cause.';
COMMENT ON COLUMN failed_deployment_recovery_time.seconds IS 'The duration in seconds; null where unknown.';

CREATE VIEW lead_time_for_changes AS
SELECT source,
    id,
    (CASE WHEN 'ONLY_DEPLOYED' = 'ALL_COMPLETED' THEN coalesce((CASE WHEN (NOT false AND '' = '' AND array_has_all(make_array('PIPELINE', 'MERGE', 'RELEASE', 'CHANGE_REQUEST'), make_array('PIPELINE', 'MERGE', 'RELEASE', 'CHANGE_REQUEST'))) THEN deployed_at WHEN (deployed_at IS NOT NULL AND array_has(make_array('PIPELINE', 'MERGE', 'RELEASE', 'CHANGE_REQUEST'), deployment_kind) AND ('' = '' OR any_match(make_array(deployment_environment), ''))) THEN deployed_at WHEN (false AND deployed_at IS NULL AND array_has(make_array('PIPELINE', 'MERGE', 'RELEASE', 'CHANGE_REQUEST'), time_deployment_kind) AND ('' = '' OR any_match(make_array(time_deployment_environment), ''))) THEN time_deployed_at END), merged_at) ELSE (CASE WHEN (NOT false AND '' = '' AND array_has_all(make_array('PIPELINE', 'MERGE', 'RELEASE', 'CHANGE_REQUEST'), make_array('PIPELINE', 'MERGE', 'RELEASE', 'CHANGE_REQUEST'))) THEN deployed_at WHEN (deployed_at IS NOT NULL AND array_has(make_array('PIPELINE', 'MERGE', 'RELEASE', 'CHANGE_REQUEST'), deployment_kind) AND ('' = '' OR any_match(make_array(deployment_environment), ''))) THEN deployed_at WHEN (false AND deployed_at IS NULL AND array_has(make_array('PIPELINE', 'MERGE', 'RELEASE', 'CHANGE_REQUEST'), time_deployment_kind) AND ('' = '' OR any_match(make_array(time_deployment_environment), ''))) THEN time_deployed_at END) END) AS at,
    repository,
    service,
    project,
    (CASE WHEN (NOT false AND '' = '' AND array_has_all(make_array('PIPELINE', 'MERGE', 'RELEASE', 'CHANGE_REQUEST'), make_array('PIPELINE', 'MERGE', 'RELEASE', 'CHANGE_REQUEST'))) THEN deployment_environment WHEN (deployed_at IS NOT NULL AND array_has(make_array('PIPELINE', 'MERGE', 'RELEASE', 'CHANGE_REQUEST'), deployment_kind) AND ('' = '' OR any_match(make_array(deployment_environment), ''))) THEN deployment_environment WHEN (false AND deployed_at IS NULL AND array_has(make_array('PIPELINE', 'MERGE', 'RELEASE', 'CHANGE_REQUEST'), time_deployment_kind) AND ('' = '' OR any_match(make_array(time_deployment_environment), ''))) THEN time_deployment_environment END) AS environment,
    base_branch AS branch,
    CASE WHEN lines_changed < 10 THEN 'SMALL' WHEN lines_changed <= 100 THEN 'MEDIUM' WHEN lines_changed IS NOT NULL THEN 'LARGE' END AS size,
    (CASE WHEN issue_types IS NULL THEN 'NO_ISSUE' ELSE classify('{"description":"Work types: what an issue, or a change made for issues, is for.","otherwise":"OTHER","classes":[{"name":"FEATURE","description":"Something new for users.","condition":{"any":[{"field":"type","operator":"MATCHES","values":["(?i)(user )?story|(new )?feature( request)?|epic|improvement|enhancement"]},{"field":"label","operator":"MATCHES","values":["(?i)feature|enhancement"]}]}},{"name":"BUG","description":"Something broken that is mended.","condition":{"any":[{"field":"type","operator":"MATCHES","values":["(?i)(sub-?)?bug|defect|incident|hotfix"]},{"field":"label","operator":"MATCHES","values":["(?i)bug|defect|hotfix"]}]}}]}', 'type', issue_types, 'label', issue_labels, 'priority', issue_priorities) END) AS work_type,
    author AS contributor,
    duration(first_commit_at, (CASE WHEN 'ONLY_DEPLOYED' = 'ALL_COMPLETED' THEN coalesce((CASE WHEN (NOT false AND '' = '' AND array_has_all(make_array('PIPELINE', 'MERGE', 'RELEASE', 'CHANGE_REQUEST'), make_array('PIPELINE', 'MERGE', 'RELEASE', 'CHANGE_REQUEST'))) THEN deployed_at WHEN (deployed_at IS NOT NULL AND array_has(make_array('PIPELINE', 'MERGE', 'RELEASE', 'CHANGE_REQUEST'), deployment_kind) AND ('' = '' OR any_match(make_array(deployment_environment), ''))) THEN deployed_at WHEN (false AND deployed_at IS NULL AND array_has(make_array('PIPELINE', 'MERGE', 'RELEASE', 'CHANGE_REQUEST'), time_deployment_kind) AND ('' = '' OR any_match(make_array(time_deployment_environment), ''))) THEN time_deployed_at END), merged_at) ELSE (CASE WHEN (NOT false AND '' = '' AND array_has_all(make_array('PIPELINE', 'MERGE', 'RELEASE', 'CHANGE_REQUEST'), make_array('PIPELINE', 'MERGE', 'RELEASE', 'CHANGE_REQUEST'))) THEN deployed_at WHEN (deployed_at IS NOT NULL AND array_has(make_array('PIPELINE', 'MERGE', 'RELEASE', 'CHANGE_REQUEST'), deployment_kind) AND ('' = '' OR any_match(make_array(deployment_environment), ''))) THEN deployed_at WHEN (false AND deployed_at IS NULL AND array_has(make_array('PIPELINE', 'MERGE', 'RELEASE', 'CHANGE_REQUEST'), time_deployment_kind) AND ('' = '' OR any_match(make_array(time_deployment_environment), ''))) THEN time_deployed_at END) END)) / 1e6 AS seconds,
    duration(first_commit_at, opened_at) / 1e6 AS coding_seconds,
    duration(opened_at, merged_at) / 1e6 AS review_seconds,
    duration(merged_at, last_build_finished_at) / 1e6 AS build_seconds,
    duration(coalesce(last_build_finished_at, merged_at), (CASE WHEN (NOT false AND '' = '' AND array_has_all(make_array('PIPELINE', 'MERGE', 'RELEASE', 'CHANGE_REQUEST'), make_array('PIPELINE', 'MERGE', 'RELEASE', 'CHANGE_REQUEST'))) THEN deployed_at WHEN (deployed_at IS NOT NULL AND array_has(make_array('PIPELINE', 'MERGE', 'RELEASE', 'CHANGE_REQUEST'), deployment_kind) AND ('' = '' OR any_match(make_array(deployment_environment), ''))) THEN deployed_at WHEN (false AND deployed_at IS NULL AND array_has(make_array('PIPELINE', 'MERGE', 'RELEASE', 'CHANGE_REQUEST'), time_deployment_kind) AND ('' = '' OR any_match(make_array(time_deployment_environment), ''))) THEN time_deployed_at END)) / 1e6 AS deployment_seconds
FROM facts.changes
WHERE (CASE WHEN 'ONLY_DEPLOYED' = 'ALL_COMPLETED' THEN coalesce((CASE WHEN (NOT false AND '' = '' AND array_has_all(make_array('PIPELINE', 'MERGE', 'RELEASE', 'CHANGE_REQUEST'), make_array('PIPELINE', 'MERGE', 'RELEASE', 'CHANGE_REQUEST'))) THEN deployed_at WHEN (deployed_at IS NOT NULL AND array_has(make_array('PIPELINE', 'MERGE', 'RELEASE', 'CHANGE_REQUEST'), deployment_kind) AND ('' = '' OR any_match(make_array(deployment_environment), ''))) THEN deployed_at WHEN (false AND deployed_at IS NULL AND array_has(make_array('PIPELINE', 'MERGE', 'RELEASE', 'CHANGE_REQUEST'), time_deployment_kind) AND ('' = '' OR any_match(make_array(time_deployment_environment), ''))) THEN time_deployed_at END), merged_at) ELSE (CASE WHEN (NOT false AND '' = '' AND array_has_all(make_array('PIPELINE', 'MERGE', 'RELEASE', 'CHANGE_REQUEST'), make_array('PIPELINE', 'MERGE', 'RELEASE', 'CHANGE_REQUEST'))) THEN deployed_at WHEN (deployed_at IS NOT NULL AND array_has(make_array('PIPELINE', 'MERGE', 'RELEASE', 'CHANGE_REQUEST'), deployment_kind) AND ('' = '' OR any_match(make_array(deployment_environment), ''))) THEN deployed_at WHEN (false AND deployed_at IS NULL AND array_has(make_array('PIPELINE', 'MERGE', 'RELEASE', 'CHANGE_REQUEST'), time_deployment_kind) AND ('' = '' OR any_match(make_array(time_deployment_environment), ''))) THEN time_deployed_at END) END) IS NOT NULL
    AND (NOT author_is_bot AND NOT array_has(make_array(), author));
COMMENT ON VIEW lead_time_for_changes IS 'Deployed minus first commit, over merged pull requests whose deployment finished in the period. Changes that are not deployed are left out, unless the profile takes all that were completed: theirs ends with the merge; a missing or negative duration is unknown and lowers the coverage. The value is avg(seconds) or percentile_cont(seconds, p), over the rows whose "at" lies in the period.';
COMMENT ON COLUMN lead_time_for_changes.source IS 'Integration that the pull request comes from.';
COMMENT ON COLUMN lead_time_for_changes.id IS 'Id of the pull request in its source.';
COMMENT ON COLUMN lead_time_for_changes.at IS 'The time it belongs to. Where lead time ends: when the deployment that shipped it finished; without one, and where the profile takes ALL_COMPLETED changes, when it was merged.';
COMMENT ON COLUMN lead_time_for_changes.repository IS 'Repository.';
COMMENT ON COLUMN lead_time_for_changes.service IS 'Service of the repository.';
COMMENT ON COLUMN lead_time_for_changes.project IS 'Project of the repository.';
COMMENT ON COLUMN lead_time_for_changes.environment IS 'Environment of that deployment.';
COMMENT ON COLUMN lead_time_for_changes.branch IS 'Branch it went to.';
COMMENT ON COLUMN lead_time_for_changes.size IS 'The key in the dimension SIZE.';
COMMENT ON COLUMN lead_time_for_changes.work_type IS 'Type of work, by the profile''s rules, of all its issues together: one of them may match one part of a rule, another the other. NO_ISSUE: none of its issues is known.';
COMMENT ON COLUMN lead_time_for_changes.contributor IS 'Account that opened it, a login of its source.';
COMMENT ON COLUMN lead_time_for_changes.seconds IS 'The duration in seconds; null where unknown.';
COMMENT ON COLUMN lead_time_for_changes.coding_seconds IS 'First commit to opened.';
COMMENT ON COLUMN lead_time_for_changes.review_seconds IS 'Opened to merged.';
COMMENT ON COLUMN lead_time_for_changes.build_seconds IS 'Merged to the end of the last build of the merge.';
COMMENT ON COLUMN lead_time_for_changes.deployment_seconds IS 'End of the last build (where there is none: merged) to deployed.';

CREATE VIEW time_to_restore_service AS
SELECT source,
    id,
    resolved_at AS at,
    repositories AS repository,
    service,
    project,
    environment,
    duration(created_at, resolved_at) / 1e6 AS seconds
FROM facts.incidents
WHERE resolved_at IS NOT NULL
    AND (((empty(make_array()) OR array_has(make_array(), severity)) AND (empty(make_array()) OR array_has(make_array(), urgency)) AND (empty(make_array()) OR array_has(make_array(), priority)) AND (empty(make_array()) OR array_has_any(labels, make_array()))));
COMMENT ON VIEW time_to_restore_service IS 'Resolved minus created, over all production incidents resolved in the period. The value is avg(seconds) or percentile_cont(seconds, p), over the rows whose "at" lies in the period.';
COMMENT ON COLUMN time_to_restore_service.source IS 'Integration that the incident comes from.';
COMMENT ON COLUMN time_to_restore_service.id IS 'Id of the incident in its source.';
COMMENT ON COLUMN time_to_restore_service.at IS 'The time it belongs to. When service was restored.';
COMMENT ON COLUMN time_to_restore_service.repository IS 'Repositories of the cause; without one, the repositories of the incident''s service.';
COMMENT ON COLUMN time_to_restore_service.service IS 'Service that suffered.';
COMMENT ON COLUMN time_to_restore_service.project IS 'Project.';
COMMENT ON COLUMN time_to_restore_service.environment IS 'Environment of the cause.';
COMMENT ON COLUMN time_to_restore_service.seconds IS 'The duration in seconds; null where unknown.';

CREATE VIEW code_rework AS
SELECT source,
    id,
    merged_at AS at,
    repository,
    service,
    project,
    base_branch AS branch,
    author AS contributor,
    CASE WHEN 30 <= 7 THEN rework_7_days WHEN 30 <= 14 THEN rework_14_days WHEN 30 <= 21 THEN rework_21_days WHEN 30 <= 30 THEN rework_30_days WHEN 30 <= 60 THEN rework_60_days ELSE rework_90_days END AS counted,
    CASE WHEN is_known THEN lines_changed END AS divisor,
    CASE WHEN (opens_commit) THEN 1 ELSE 0 END AS item,
    CASE WHEN (opens_commit) AND (is_known) THEN 1 ELSE 0 END AS known
FROM facts.file_changes
WHERE merged_at IS NOT NULL
    AND (NOT author_is_bot AND NOT array_has(make_array(), author));
COMMENT ON VIEW code_rework IS 'Lines deleted by the commits of the pull requests merged in the period that had been written less than 30 days before (the profile''s choice), divided by all lines that those commits add and delete; bots'' pull requests are left out. By file: of the lines that a commit deletes from a file, as many count as earlier commits, of any branch and author, had added to that file in the repository in the days before; history follows a renamed file. Merges are left out. A commit counts once, in the first merged of the pull requests that hold it. Where no file of a pull request''s commits is known, but files of what its merge left (a squash), that one counts. Items are commits: one whose files or time are not known, and a pull request of which no commit but merges is known, lower the coverage. The value is CAST(sum(counted) AS DOUBLE) / nullif(sum(divisor), 0), over the rows whose "at" lies in the period.';
COMMENT ON COLUMN code_rework.source IS 'Integration that the pull request comes from.';
COMMENT ON COLUMN code_rework.id IS 'The pull request, the commit and the path.';
COMMENT ON COLUMN code_rework.at IS 'The time it belongs to. When the pull request was merged.';
COMMENT ON COLUMN code_rework.repository IS 'Repository.';
COMMENT ON COLUMN code_rework.service IS 'Service of the repository.';
COMMENT ON COLUMN code_rework.project IS 'Project of the repository.';
COMMENT ON COLUMN code_rework.branch IS 'Branch that the pull request went to.';
COMMENT ON COLUMN code_rework.contributor IS 'Account that opened the pull request, a login of its source.';
COMMENT ON COLUMN code_rework.counted IS 'What the numerator looks at.';
COMMENT ON COLUMN code_rework.divisor IS 'What the denominator looks at.';
COMMENT ON COLUMN code_rework.item IS 'The item that the row is of: an item may have several rows.';
COMMENT ON COLUMN code_rework.known IS '1 where the row''s value is known, else 0.';

CREATE VIEW coding_days AS
SELECT source,
    id,
    local_midnight(day, 'UTC') AS at,
    repository,
    service,
    project,
    author AS contributor,
    contributor(source, author) * 100000 + day_number AS counted
FROM facts.coding_days
WHERE local_midnight(day, 'UTC') IS NOT NULL
    AND (NOT author_is_bot AND NOT array_has(make_array(), author));
COMMENT ON VIEW coding_days IS 'Distinct days on which a person wrote at least one commit, merges left out, added up over people and divided by the weeks that the developers of the scope spent there. A day is one of the author''s own calendar, by the offset that the commit tells; where it tells none, one in UTC. It counts once for a person, whatever the accounts, repositories and commits; bots are left out. Commits count by when they were written, merged or not, as far as they are collected. Null for repositories and services, which have no members. The value is count(DISTINCT counted) divided by the weeks that developers spent there, which no view tells, over the rows whose "at" lies in the period.';
COMMENT ON COLUMN coding_days.source IS 'Integration that the commits come from.';
COMMENT ON COLUMN coding_days.id IS 'The day, the account and the repository.';
COMMENT ON COLUMN coding_days.at IS 'The time it belongs to.';
COMMENT ON COLUMN coding_days.repository IS 'Repository.';
COMMENT ON COLUMN coding_days.service IS 'Service of the repository.';
COMMENT ON COLUMN coding_days.project IS 'Project of the repository.';
COMMENT ON COLUMN coding_days.contributor IS 'Account that wrote the commits, a login of their source.';
COMMENT ON COLUMN coding_days.counted IS 'What the numerator looks at.';

CREATE VIEW comments_per_pull_request AS
SELECT source,
    id,
    merged_at AS at,
    repository,
    service,
    project,
    (CASE WHEN (NOT false AND '' = '' AND array_has_all(make_array('PIPELINE', 'MERGE', 'RELEASE', 'CHANGE_REQUEST'), make_array('PIPELINE', 'MERGE', 'RELEASE', 'CHANGE_REQUEST'))) THEN deployment_environment WHEN (deployed_at IS NOT NULL AND array_has(make_array('PIPELINE', 'MERGE', 'RELEASE', 'CHANGE_REQUEST'), deployment_kind) AND ('' = '' OR any_match(make_array(deployment_environment), ''))) THEN deployment_environment WHEN (false AND deployed_at IS NULL AND array_has(make_array('PIPELINE', 'MERGE', 'RELEASE', 'CHANGE_REQUEST'), time_deployment_kind) AND ('' = '' OR any_match(make_array(time_deployment_environment), ''))) THEN time_deployment_environment END) AS environment,
    base_branch AS branch,
    CASE WHEN lines_changed < 10 THEN 'SMALL' WHEN lines_changed <= 100 THEN 'MEDIUM' WHEN lines_changed IS NOT NULL THEN 'LARGE' END AS size,
    (CASE WHEN issue_types IS NULL THEN 'NO_ISSUE' ELSE classify('{"description":"Work types: what an issue, or a change made for issues, is for.","otherwise":"OTHER","classes":[{"name":"FEATURE","description":"Something new for users.","condition":{"any":[{"field":"type","operator":"MATCHES","values":["(?i)(user )?story|(new )?feature( request)?|epic|improvement|enhancement"]},{"field":"label","operator":"MATCHES","values":["(?i)feature|enhancement"]}]}},{"name":"BUG","description":"Something broken that is mended.","condition":{"any":[{"field":"type","operator":"MATCHES","values":["(?i)(sub-?)?bug|defect|incident|hotfix"]},{"field":"label","operator":"MATCHES","values":["(?i)bug|defect|hotfix"]}]}}]}', 'type', issue_types, 'label', issue_labels, 'priority', issue_priorities) END) AS work_type,
    author AS contributor,
    comments AS counted
FROM facts.changes
WHERE merged_at IS NOT NULL
    AND (NOT author_is_bot AND NOT array_has(make_array(), author));
COMMENT ON VIEW comments_per_pull_request IS 'Comments, inline and general, by humans other than the author on the pull requests merged in the period, whenever they were written, divided by those pull requests; pull requests without a comment count, those of bots do not. What a reviewer writes counts where the tool tells it as a comment; the verdict of a review is none. Comments of accounts that only the profile calls bots count. The value is CAST(sum(counted) AS DOUBLE) / nullif(count(*), 0), over the rows whose "at" lies in the period.';
COMMENT ON COLUMN comments_per_pull_request.source IS 'Integration that the pull request comes from.';
COMMENT ON COLUMN comments_per_pull_request.id IS 'Id of the pull request in its source.';
COMMENT ON COLUMN comments_per_pull_request.at IS 'The time it belongs to. When it was merged.';
COMMENT ON COLUMN comments_per_pull_request.repository IS 'Repository.';
COMMENT ON COLUMN comments_per_pull_request.service IS 'Service of the repository.';
COMMENT ON COLUMN comments_per_pull_request.project IS 'Project of the repository.';
COMMENT ON COLUMN comments_per_pull_request.environment IS 'Environment of that deployment.';
COMMENT ON COLUMN comments_per_pull_request.branch IS 'Branch it went to.';
COMMENT ON COLUMN comments_per_pull_request.size IS 'The key in the dimension SIZE.';
COMMENT ON COLUMN comments_per_pull_request.work_type IS 'Type of work, by the profile''s rules, of all its issues together: one of them may match one part of a rule, another the other. NO_ISSUE: none of its issues is known.';
COMMENT ON COLUMN comments_per_pull_request.contributor IS 'Account that opened it, a login of its source.';
COMMENT ON COLUMN comments_per_pull_request.counted IS 'What the numerator looks at.';

CREATE VIEW issue_cycle_time AS
SELECT source,
    id,
    completed_at AS at,
    project,
    (classify('{"description":"Work types: what an issue, or a change made for issues, is for.","otherwise":"OTHER","classes":[{"name":"FEATURE","description":"Something new for users.","condition":{"any":[{"field":"type","operator":"MATCHES","values":["(?i)(user )?story|(new )?feature( request)?|epic|improvement|enhancement"]},{"field":"label","operator":"MATCHES","values":["(?i)feature|enhancement"]}]}},{"name":"BUG","description":"Something broken that is mended.","condition":{"any":[{"field":"type","operator":"MATCHES","values":["(?i)(sub-?)?bug|defect|incident|hotfix"]},{"field":"label","operator":"MATCHES","values":["(?i)bug|defect|hotfix"]}]}}]}', 'type', type, 'status', status, 'label', labels, 'priority', priority, 'component', components, 'parent', parent, 'epic', epic, 'sprint', sprints, 'project', project, 'key', key, 'title', title, 'assignee', assignee, 'ancestors', ancestors, 'is_leaf', is_leaf)) AS work_type,
    CASE WHEN story_points <= 2 THEN 'LOW' WHEN story_points <= 5 THEN 'MEDIUM' WHEN story_points IS NOT NULL THEN 'HIGH' END AS complexity,
    (classify('{"description":"Categories of business alignment: what the effort goes into.","otherwise":"Uncategorized","classes":[{"name":"New features","description":"Something new for users.","condition":{"any":[{"field":"type","operator":"MATCHES","values":["(?i)(user )?story|(new )?feature( request)?|epic|improvement|enhancement"]},{"field":"label","operator":"MATCHES","values":["(?i)feature|enhancement"]}]}},{"name":"Bugs & defects","description":"Something broken that is mended.","condition":{"any":[{"field":"type","operator":"MATCHES","values":["(?i)(sub-?)?bug|defect|hotfix"]},{"field":"label","operator":"MATCHES","values":["(?i)bug|defect|hotfix"]}]}},{"name":"Technical work","description":"What users do not see: refactoring, infrastructure, investigation.","condition":{"any":[{"field":"type","operator":"MATCHES","values":["(?i)technical.*|tech[ _-]?(debt|task)|refactor(ing)?|spike|chore"]},{"field":"label","operator":"MATCHES","values":["(?i)tech(nical)?[ _-]?debt|refactor(ing)?|infra(structure)?|spike|chore|dependencies"]}]}},{"name":"Keeping the lights on","description":"Running what there is: incidents, support, maintenance.","condition":{"any":[{"field":"type","operator":"MATCHES","values":["(?i)incident|support( request)?|service request|maintenance|operations?|problem"]},{"field":"label","operator":"MATCHES","values":["(?i)ktlo|support|maintenance|operations?|ops|on-?call"]}]}}]}', 'type', type, 'status', status, 'label', labels, 'priority', priority, 'component', components, 'parent', parent, 'epic', epic, 'sprint', sprints, 'project', project, 'key', key, 'title', title, 'assignee', assignee, 'ancestors', ancestors, 'is_leaf', is_leaf)) AS category,
    type AS issue_type,
    priority,
    status,
    sprints AS sprint,
    boards AS board,
    assignee AS contributor,
    duration(started_at, completed_at) / 1e6 AS seconds
FROM facts.work_items
WHERE completed_at IS NOT NULL
    AND (NOT assignee_is_bot AND NOT coalesce(array_has(make_array(), assignee), false));
COMMENT ON VIEW issue_cycle_time IS 'Completed minus started, over issues completed in the period, bots'' left out. Both come from the changes of status, where they are collected: the first time that it came into progress, and the last time that it was done. A missing or negative duration is unknown and lowers the coverage. The value is avg(seconds) or percentile_cont(seconds, p), over the rows whose "at" lies in the period.';
COMMENT ON COLUMN issue_cycle_time.source IS 'Integration that the issue comes from.';
COMMENT ON COLUMN issue_cycle_time.id IS 'Id of the issue in its source.';
COMMENT ON COLUMN issue_cycle_time.at IS 'The time it belongs to. When it was done: where changes of status are known, when it was last done, if it still is; else as the issue says.';
COMMENT ON COLUMN issue_cycle_time.project IS 'Project.';
COMMENT ON COLUMN issue_cycle_time.work_type IS 'Type of work, by the profile''s rules.';
COMMENT ON COLUMN issue_cycle_time.complexity IS 'The key in the dimension COMPLEXITY.';
COMMENT ON COLUMN issue_cycle_time.category IS 'Category of business alignment, by the profile''s rules.';
COMMENT ON COLUMN issue_cycle_time.issue_type IS 'Type, in the words of the tool.';
COMMENT ON COLUMN issue_cycle_time.priority IS 'Priority, in the words of the tool.';
COMMENT ON COLUMN issue_cycle_time.status IS 'Status, in the words of the tool, as the issue itself says.';
COMMENT ON COLUMN issue_cycle_time.sprint IS 'Names of the sprints that it was in at any time.';
COMMENT ON COLUMN issue_cycle_time.board IS 'Boards of those sprints.';
COMMENT ON COLUMN issue_cycle_time.contributor IS 'Account that it was assigned to when it was done (not done: is assigned to now), a login of its source: from its changes of assignee, where they are known.';
COMMENT ON COLUMN issue_cycle_time.seconds IS 'The duration in seconds; null where unknown.';

CREATE VIEW issue_lead_time AS
SELECT source,
    id,
    completed_at AS at,
    project,
    (classify('{"description":"Work types: what an issue, or a change made for issues, is for.","otherwise":"OTHER","classes":[{"name":"FEATURE","description":"Something new for users.","condition":{"any":[{"field":"type","operator":"MATCHES","values":["(?i)(user )?story|(new )?feature( request)?|epic|improvement|enhancement"]},{"field":"label","operator":"MATCHES","values":["(?i)feature|enhancement"]}]}},{"name":"BUG","description":"Something broken that is mended.","condition":{"any":[{"field":"type","operator":"MATCHES","values":["(?i)(sub-?)?bug|defect|incident|hotfix"]},{"field":"label","operator":"MATCHES","values":["(?i)bug|defect|hotfix"]}]}}]}', 'type', type, 'status', status, 'label', labels, 'priority', priority, 'component', components, 'parent', parent, 'epic', epic, 'sprint', sprints, 'project', project, 'key', key, 'title', title, 'assignee', assignee, 'ancestors', ancestors, 'is_leaf', is_leaf)) AS work_type,
    CASE WHEN story_points <= 2 THEN 'LOW' WHEN story_points <= 5 THEN 'MEDIUM' WHEN story_points IS NOT NULL THEN 'HIGH' END AS complexity,
    (classify('{"description":"Categories of business alignment: what the effort goes into.","otherwise":"Uncategorized","classes":[{"name":"New features","description":"Something new for users.","condition":{"any":[{"field":"type","operator":"MATCHES","values":["(?i)(user )?story|(new )?feature( request)?|epic|improvement|enhancement"]},{"field":"label","operator":"MATCHES","values":["(?i)feature|enhancement"]}]}},{"name":"Bugs & defects","description":"Something broken that is mended.","condition":{"any":[{"field":"type","operator":"MATCHES","values":["(?i)(sub-?)?bug|defect|hotfix"]},{"field":"label","operator":"MATCHES","values":["(?i)bug|defect|hotfix"]}]}},{"name":"Technical work","description":"What users do not see: refactoring, infrastructure, investigation.","condition":{"any":[{"field":"type","operator":"MATCHES","values":["(?i)technical.*|tech[ _-]?(debt|task)|refactor(ing)?|spike|chore"]},{"field":"label","operator":"MATCHES","values":["(?i)tech(nical)?[ _-]?debt|refactor(ing)?|infra(structure)?|spike|chore|dependencies"]}]}},{"name":"Keeping the lights on","description":"Running what there is: incidents, support, maintenance.","condition":{"any":[{"field":"type","operator":"MATCHES","values":["(?i)incident|support( request)?|service request|maintenance|operations?|problem"]},{"field":"label","operator":"MATCHES","values":["(?i)ktlo|support|maintenance|operations?|ops|on-?call"]}]}}]}', 'type', type, 'status', status, 'label', labels, 'priority', priority, 'component', components, 'parent', parent, 'epic', epic, 'sprint', sprints, 'project', project, 'key', key, 'title', title, 'assignee', assignee, 'ancestors', ancestors, 'is_leaf', is_leaf)) AS category,
    type AS issue_type,
    priority,
    status,
    sprints AS sprint,
    boards AS board,
    assignee AS contributor,
    duration(created_at, completed_at) / 1e6 AS seconds,
    duration(created_at, started_at) / 1e6 AS waiting_seconds,
    duration(started_at, completed_at) / 1e6 AS working_seconds
FROM facts.work_items
WHERE completed_at IS NOT NULL
    AND (NOT assignee_is_bot AND NOT coalesce(array_has(make_array(), assignee), false));
COMMENT ON VIEW issue_lead_time IS 'Completed minus created, over issues completed in the period, bots'' left out. When it was completed comes from the changes of status, where they are collected: the last time that it was done. A negative duration is unknown and lowers the coverage. The value is avg(seconds) or percentile_cont(seconds, p), over the rows whose "at" lies in the period.';
COMMENT ON COLUMN issue_lead_time.source IS 'Integration that the issue comes from.';
COMMENT ON COLUMN issue_lead_time.id IS 'Id of the issue in its source.';
COMMENT ON COLUMN issue_lead_time.at IS 'The time it belongs to. When it was done: where changes of status are known, when it was last done, if it still is; else as the issue says.';
COMMENT ON COLUMN issue_lead_time.project IS 'Project.';
COMMENT ON COLUMN issue_lead_time.work_type IS 'Type of work, by the profile''s rules.';
COMMENT ON COLUMN issue_lead_time.complexity IS 'The key in the dimension COMPLEXITY.';
COMMENT ON COLUMN issue_lead_time.category IS 'Category of business alignment, by the profile''s rules.';
COMMENT ON COLUMN issue_lead_time.issue_type IS 'Type, in the words of the tool.';
COMMENT ON COLUMN issue_lead_time.priority IS 'Priority, in the words of the tool.';
COMMENT ON COLUMN issue_lead_time.status IS 'Status, in the words of the tool, as the issue itself says.';
COMMENT ON COLUMN issue_lead_time.sprint IS 'Names of the sprints that it was in at any time.';
COMMENT ON COLUMN issue_lead_time.board IS 'Boards of those sprints.';
COMMENT ON COLUMN issue_lead_time.contributor IS 'Account that it was assigned to when it was done (not done: is assigned to now), a login of its source: from its changes of assignee, where they are known.';
COMMENT ON COLUMN issue_lead_time.seconds IS 'The duration in seconds; null where unknown.';
COMMENT ON COLUMN issue_lead_time.waiting_seconds IS 'Created to started.';
COMMENT ON COLUMN issue_lead_time.working_seconds IS 'Started to completed.';

CREATE VIEW pull_request_cycle_time AS
SELECT source,
    id,
    merged_at AS at,
    repository,
    service,
    project,
    (CASE WHEN (NOT false AND '' = '' AND array_has_all(make_array('PIPELINE', 'MERGE', 'RELEASE', 'CHANGE_REQUEST'), make_array('PIPELINE', 'MERGE', 'RELEASE', 'CHANGE_REQUEST'))) THEN deployment_environment WHEN (deployed_at IS NOT NULL AND array_has(make_array('PIPELINE', 'MERGE', 'RELEASE', 'CHANGE_REQUEST'), deployment_kind) AND ('' = '' OR any_match(make_array(deployment_environment), ''))) THEN deployment_environment WHEN (false AND deployed_at IS NULL AND array_has(make_array('PIPELINE', 'MERGE', 'RELEASE', 'CHANGE_REQUEST'), time_deployment_kind) AND ('' = '' OR any_match(make_array(time_deployment_environment), ''))) THEN time_deployment_environment END) AS environment,
    base_branch AS branch,
    CASE WHEN lines_changed < 10 THEN 'SMALL' WHEN lines_changed <= 100 THEN 'MEDIUM' WHEN lines_changed IS NOT NULL THEN 'LARGE' END AS size,
    (CASE WHEN issue_types IS NULL THEN 'NO_ISSUE' ELSE classify('{"description":"Work types: what an issue, or a change made for issues, is for.","otherwise":"OTHER","classes":[{"name":"FEATURE","description":"Something new for users.","condition":{"any":[{"field":"type","operator":"MATCHES","values":["(?i)(user )?story|(new )?feature( request)?|epic|improvement|enhancement"]},{"field":"label","operator":"MATCHES","values":["(?i)feature|enhancement"]}]}},{"name":"BUG","description":"Something broken that is mended.","condition":{"any":[{"field":"type","operator":"MATCHES","values":["(?i)(sub-?)?bug|defect|incident|hotfix"]},{"field":"label","operator":"MATCHES","values":["(?i)bug|defect|hotfix"]}]}}]}', 'type', issue_types, 'label', issue_labels, 'priority', issue_priorities) END) AS work_type,
    author AS contributor,
    duration(first_commit_at, merged_at) / 1e6 AS seconds,
    duration(first_commit_at, opened_at) / 1e6 AS coding_seconds,
    duration(ready_at, least(first_comment_at, first_review_at)) / 1e6 AS pickup_seconds,
    duration(least(first_comment_at, first_review_at), first_approval_at) / 1e6 AS review_seconds,
    duration(first_approval_at, merged_at) / 1e6 AS merge_seconds
FROM facts.changes
WHERE merged_at IS NOT NULL
    AND (NOT author_is_bot AND NOT array_has(make_array(), author));
COMMENT ON VIEW pull_request_cycle_time IS 'Merged minus first commit, over pull requests merged in the period, bots'' left out. A missing or negative duration is unknown and lowers the coverage. Stages begin and end with what others than the author say, humans only; a draft waits for nobody until it is ready. The value is avg(seconds) or percentile_cont(seconds, p), over the rows whose "at" lies in the period.';
COMMENT ON COLUMN pull_request_cycle_time.source IS 'Integration that the pull request comes from.';
COMMENT ON COLUMN pull_request_cycle_time.id IS 'Id of the pull request in its source.';
COMMENT ON COLUMN pull_request_cycle_time.at IS 'The time it belongs to. When it was merged.';
COMMENT ON COLUMN pull_request_cycle_time.repository IS 'Repository.';
COMMENT ON COLUMN pull_request_cycle_time.service IS 'Service of the repository.';
COMMENT ON COLUMN pull_request_cycle_time.project IS 'Project of the repository.';
COMMENT ON COLUMN pull_request_cycle_time.environment IS 'Environment of that deployment.';
COMMENT ON COLUMN pull_request_cycle_time.branch IS 'Branch it went to.';
COMMENT ON COLUMN pull_request_cycle_time.size IS 'The key in the dimension SIZE.';
COMMENT ON COLUMN pull_request_cycle_time.work_type IS 'Type of work, by the profile''s rules, of all its issues together: one of them may match one part of a rule, another the other. NO_ISSUE: none of its issues is known.';
COMMENT ON COLUMN pull_request_cycle_time.contributor IS 'Account that opened it, a login of its source.';
COMMENT ON COLUMN pull_request_cycle_time.seconds IS 'The duration in seconds; null where unknown.';
COMMENT ON COLUMN pull_request_cycle_time.coding_seconds IS 'First commit to opened.';
COMMENT ON COLUMN pull_request_cycle_time.pickup_seconds IS 'Ready for review (opened, where it never was a draft) to the first review or comment.';
COMMENT ON COLUMN pull_request_cycle_time.review_seconds IS 'First review or comment to the first approval.';
COMMENT ON COLUMN pull_request_cycle_time.merge_seconds IS 'First approval to merged.';

CREATE VIEW pull_request_velocity AS
SELECT source,
    id,
    merged_at AS at,
    repository,
    service,
    project,
    (CASE WHEN (NOT false AND '' = '' AND array_has_all(make_array('PIPELINE', 'MERGE', 'RELEASE', 'CHANGE_REQUEST'), make_array('PIPELINE', 'MERGE', 'RELEASE', 'CHANGE_REQUEST'))) THEN deployment_environment WHEN (deployed_at IS NOT NULL AND array_has(make_array('PIPELINE', 'MERGE', 'RELEASE', 'CHANGE_REQUEST'), deployment_kind) AND ('' = '' OR any_match(make_array(deployment_environment), ''))) THEN deployment_environment WHEN (false AND deployed_at IS NULL AND array_has(make_array('PIPELINE', 'MERGE', 'RELEASE', 'CHANGE_REQUEST'), time_deployment_kind) AND ('' = '' OR any_match(make_array(time_deployment_environment), ''))) THEN time_deployment_environment END) AS environment,
    base_branch AS branch,
    CASE WHEN lines_changed < 10 THEN 'SMALL' WHEN lines_changed <= 100 THEN 'MEDIUM' WHEN lines_changed IS NOT NULL THEN 'LARGE' END AS size,
    (CASE WHEN issue_types IS NULL THEN 'NO_ISSUE' ELSE classify('{"description":"Work types: what an issue, or a change made for issues, is for.","otherwise":"OTHER","classes":[{"name":"FEATURE","description":"Something new for users.","condition":{"any":[{"field":"type","operator":"MATCHES","values":["(?i)(user )?story|(new )?feature( request)?|epic|improvement|enhancement"]},{"field":"label","operator":"MATCHES","values":["(?i)feature|enhancement"]}]}},{"name":"BUG","description":"Something broken that is mended.","condition":{"any":[{"field":"type","operator":"MATCHES","values":["(?i)(sub-?)?bug|defect|incident|hotfix"]},{"field":"label","operator":"MATCHES","values":["(?i)bug|defect|hotfix"]}]}}]}', 'type', issue_types, 'label', issue_labels, 'priority', issue_priorities) END) AS work_type,
    author AS contributor,
    1 AS counted
FROM facts.changes
WHERE merged_at IS NOT NULL
    AND (NOT author_is_bot AND NOT array_has(make_array(), author));
COMMENT ON VIEW pull_request_velocity IS 'Merged pull requests, bots'' left out, divided by the weeks that the developers of the scope spent there during the period: of a team the members, each for the days of the membership; of the organisation everybody, while they were there. Null for repositories and services, which have no members. By SIZE: fewer than 10 lines added and deleted are small, up to 100 medium, more large (the profile''s choice); where the lines are not known, neither is the size. The value is sum(counted) divided by the weeks that developers spent there, which no view tells, over the rows whose "at" lies in the period.';
COMMENT ON COLUMN pull_request_velocity.source IS 'Integration that the pull request comes from.';
COMMENT ON COLUMN pull_request_velocity.id IS 'Id of the pull request in its source.';
COMMENT ON COLUMN pull_request_velocity.at IS 'The time it belongs to. When it was merged.';
COMMENT ON COLUMN pull_request_velocity.repository IS 'Repository.';
COMMENT ON COLUMN pull_request_velocity.service IS 'Service of the repository.';
COMMENT ON COLUMN pull_request_velocity.project IS 'Project of the repository.';
COMMENT ON COLUMN pull_request_velocity.environment IS 'Environment of that deployment.';
COMMENT ON COLUMN pull_request_velocity.branch IS 'Branch it went to.';
COMMENT ON COLUMN pull_request_velocity.size IS 'The key in the dimension SIZE.';
COMMENT ON COLUMN pull_request_velocity.work_type IS 'Type of work, by the profile''s rules, of all its issues together: one of them may match one part of a rule, another the other. NO_ISSUE: none of its issues is known.';
COMMENT ON COLUMN pull_request_velocity.contributor IS 'Account that opened it, a login of its source.';
COMMENT ON COLUMN pull_request_velocity.counted IS '1 where the numerator counts the row, else 0.';

CREATE VIEW review_load AS
SELECT source,
    id,
    submitted_at AS at,
    repository,
    service,
    project,
    base_branch AS branch,
    state AS status,
    reviewer AS contributor,
    1 AS counted
FROM facts.reviews
WHERE submitted_at IS NOT NULL
    AND ((NOT reviewer_is_bot AND NOT array_has(make_array(), reviewer)) AND (NOT is_own AND (author IS NULL OR contributor(source, reviewer) <> contributor(source, author))));
COMMENT ON VIEW review_load IS 'Reviews submitted in the period to pull requests of others, bots'' among them, whatever their verdict and whatever became of the pull request, divided by the weeks that the developers of the scope spent there. Several reviews of one pull request are several. Reviews by bots and of one''s own pull request, from whichever account, are left out; where the pull request is not known, it is taken for another''s. Null for repositories and services, which have no members. The value is sum(counted) divided by the weeks that developers spent there, which no view tells, over the rows whose "at" lies in the period.';
COMMENT ON COLUMN review_load.source IS 'Integration that the review comes from.';
COMMENT ON COLUMN review_load.id IS 'Id of the review in its source.';
COMMENT ON COLUMN review_load.at IS 'The time it belongs to. When it was submitted.';
COMMENT ON COLUMN review_load.repository IS 'Repository of the pull request. Null: the pull request is not known (yet).';
COMMENT ON COLUMN review_load.service IS 'Service of the repository.';
COMMENT ON COLUMN review_load.project IS 'Project of the repository.';
COMMENT ON COLUMN review_load.branch IS 'Branch that the pull request goes to.';
COMMENT ON COLUMN review_load.status IS 'APPROVED, CHANGES_REQUESTED, COMMENTED or DISMISSED.';
COMMENT ON COLUMN review_load.contributor IS 'Account that reviewed, a login of its source.';
COMMENT ON COLUMN review_load.counted IS '1 where the numerator counts the row, else 0.';

CREATE VIEW time_to_first_comment AS
SELECT source,
    id,
    opened_at AS at,
    repository,
    service,
    project,
    base_branch AS branch,
    CASE WHEN lines_changed < 10 THEN 'SMALL' WHEN lines_changed <= 100 THEN 'MEDIUM' WHEN lines_changed IS NOT NULL THEN 'LARGE' END AS size,
    state AS status,
    author AS contributor,
    duration(ready_at, least(first_comment_at, first_review_at)) / 1e6 AS seconds
FROM facts.pull_requests
WHERE opened_at IS NOT NULL
    AND (NOT author_is_bot AND NOT array_has(make_array(), author));
COMMENT ON VIEW time_to_first_comment IS 'The first comment or review by a human other than the author minus ready for review (opened, where it never was a draft), over pull requests opened in the period, merged or not, bots'' left out. One that nobody said anything about yet, a draft, still open, that nobody marked ready, and one that was talked about before it was ready are unknown and lower the coverage. The value is avg(seconds) or percentile_cont(seconds, p), over the rows whose "at" lies in the period.';
COMMENT ON COLUMN time_to_first_comment.source IS 'Integration that the pull request comes from.';
COMMENT ON COLUMN time_to_first_comment.id IS 'Id of the pull request in its source.';
COMMENT ON COLUMN time_to_first_comment.at IS 'The time it belongs to. When it was opened.';
COMMENT ON COLUMN time_to_first_comment.repository IS 'Repository.';
COMMENT ON COLUMN time_to_first_comment.service IS 'Service of the repository.';
COMMENT ON COLUMN time_to_first_comment.project IS 'Project of the repository.';
COMMENT ON COLUMN time_to_first_comment.branch IS 'Branch it goes to.';
COMMENT ON COLUMN time_to_first_comment.size IS 'The key in the dimension SIZE.';
COMMENT ON COLUMN time_to_first_comment.status IS 'OPEN, MERGED or CLOSED.';
COMMENT ON COLUMN time_to_first_comment.contributor IS 'Account that opened it, a login of its source.';
COMMENT ON COLUMN time_to_first_comment.seconds IS 'The duration in seconds; null where unknown.';

CREATE VIEW work_completed AS
SELECT source,
    id,
    completed_at AS at,
    project,
    (classify('{"description":"Work types: what an issue, or a change made for issues, is for.","otherwise":"OTHER","classes":[{"name":"FEATURE","description":"Something new for users.","condition":{"any":[{"field":"type","operator":"MATCHES","values":["(?i)(user )?story|(new )?feature( request)?|epic|improvement|enhancement"]},{"field":"label","operator":"MATCHES","values":["(?i)feature|enhancement"]}]}},{"name":"BUG","description":"Something broken that is mended.","condition":{"any":[{"field":"type","operator":"MATCHES","values":["(?i)(sub-?)?bug|defect|incident|hotfix"]},{"field":"label","operator":"MATCHES","values":["(?i)bug|defect|hotfix"]}]}}]}', 'type', type, 'status', status, 'label', labels, 'priority', priority, 'component', components, 'parent', parent, 'epic', epic, 'sprint', sprints, 'project', project, 'key', key, 'title', title, 'assignee', assignee, 'ancestors', ancestors, 'is_leaf', is_leaf)) AS work_type,
    CASE WHEN story_points <= 2 THEN 'LOW' WHEN story_points <= 5 THEN 'MEDIUM' WHEN story_points IS NOT NULL THEN 'HIGH' END AS complexity,
    (classify('{"description":"Categories of business alignment: what the effort goes into.","otherwise":"Uncategorized","classes":[{"name":"New features","description":"Something new for users.","condition":{"any":[{"field":"type","operator":"MATCHES","values":["(?i)(user )?story|(new )?feature( request)?|epic|improvement|enhancement"]},{"field":"label","operator":"MATCHES","values":["(?i)feature|enhancement"]}]}},{"name":"Bugs & defects","description":"Something broken that is mended.","condition":{"any":[{"field":"type","operator":"MATCHES","values":["(?i)(sub-?)?bug|defect|hotfix"]},{"field":"label","operator":"MATCHES","values":["(?i)bug|defect|hotfix"]}]}},{"name":"Technical work","description":"What users do not see: refactoring, infrastructure, investigation.","condition":{"any":[{"field":"type","operator":"MATCHES","values":["(?i)technical.*|tech[ _-]?(debt|task)|refactor(ing)?|spike|chore"]},{"field":"label","operator":"MATCHES","values":["(?i)tech(nical)?[ _-]?debt|refactor(ing)?|infra(structure)?|spike|chore|dependencies"]}]}},{"name":"Keeping the lights on","description":"Running what there is: incidents, support, maintenance.","condition":{"any":[{"field":"type","operator":"MATCHES","values":["(?i)incident|support( request)?|service request|maintenance|operations?|problem"]},{"field":"label","operator":"MATCHES","values":["(?i)ktlo|support|maintenance|operations?|ops|on-?call"]}]}}]}', 'type', type, 'status', status, 'label', labels, 'priority', priority, 'component', components, 'parent', parent, 'epic', epic, 'sprint', sprints, 'project', project, 'key', key, 'title', title, 'assignee', assignee, 'ancestors', ancestors, 'is_leaf', is_leaf)) AS category,
    type AS issue_type,
    priority,
    status,
    sprints AS sprint,
    boards AS board,
    assignee AS contributor,
    1 AS counted
FROM facts.work_items
WHERE completed_at IS NOT NULL
    AND (NOT assignee_is_bot AND NOT coalesce(array_has(make_array(), assignee), false));
COMMENT ON VIEW work_completed IS 'Issues that were done in the period and still are, bots'' left out, divided by the weeks that the developers of the scope spent there during the period. Whose an issue is: who it was assigned to when it was done. When it was done comes from its changes of status, where they are collected: of an issue that was opened again the last time counts. The value is sum(counted) divided by the weeks that developers spent there, which no view tells, over the rows whose "at" lies in the period.';
COMMENT ON COLUMN work_completed.source IS 'Integration that the issue comes from.';
COMMENT ON COLUMN work_completed.id IS 'Id of the issue in its source.';
COMMENT ON COLUMN work_completed.at IS 'The time it belongs to. When it was done: where changes of status are known, when it was last done, if it still is; else as the issue says.';
COMMENT ON COLUMN work_completed.project IS 'Project.';
COMMENT ON COLUMN work_completed.work_type IS 'Type of work, by the profile''s rules.';
COMMENT ON COLUMN work_completed.complexity IS 'The key in the dimension COMPLEXITY.';
COMMENT ON COLUMN work_completed.category IS 'Category of business alignment, by the profile''s rules.';
COMMENT ON COLUMN work_completed.issue_type IS 'Type, in the words of the tool.';
COMMENT ON COLUMN work_completed.priority IS 'Priority, in the words of the tool.';
COMMENT ON COLUMN work_completed.status IS 'Status, in the words of the tool, as the issue itself says.';
COMMENT ON COLUMN work_completed.sprint IS 'Names of the sprints that it was in at any time.';
COMMENT ON COLUMN work_completed.board IS 'Boards of those sprints.';
COMMENT ON COLUMN work_completed.contributor IS 'Account that it was assigned to when it was done (not done: is assigned to now), a login of its source: from its changes of assignee, where they are known.';
COMMENT ON COLUMN work_completed.counted IS '1 where the numerator counts the row, else 0.';

CREATE VIEW effort_fte AS
SELECT source,
    id,
    completed_at AS at,
    project,
    (classify('{"description":"Work types: what an issue, or a change made for issues, is for.","otherwise":"OTHER","classes":[{"name":"FEATURE","description":"Something new for users.","condition":{"any":[{"field":"type","operator":"MATCHES","values":["(?i)(user )?story|(new )?feature( request)?|epic|improvement|enhancement"]},{"field":"label","operator":"MATCHES","values":["(?i)feature|enhancement"]}]}},{"name":"BUG","description":"Something broken that is mended.","condition":{"any":[{"field":"type","operator":"MATCHES","values":["(?i)(sub-?)?bug|defect|incident|hotfix"]},{"field":"label","operator":"MATCHES","values":["(?i)bug|defect|hotfix"]}]}}]}', 'type', type, 'status', status, 'label', labels, 'priority', priority, 'component', components, 'parent', parent, 'epic', epic, 'sprint', sprints, 'project', project, 'key', key, 'title', title, 'assignee', assignee, 'ancestors', ancestors, 'is_leaf', is_leaf)) AS work_type,
    CASE WHEN story_points <= 2 THEN 'LOW' WHEN story_points <= 5 THEN 'MEDIUM' WHEN story_points IS NOT NULL THEN 'HIGH' END AS complexity,
    (classify('{"description":"Categories of business alignment: what the effort goes into.","otherwise":"Uncategorized","classes":[{"name":"New features","description":"Something new for users.","condition":{"any":[{"field":"type","operator":"MATCHES","values":["(?i)(user )?story|(new )?feature( request)?|epic|improvement|enhancement"]},{"field":"label","operator":"MATCHES","values":["(?i)feature|enhancement"]}]}},{"name":"Bugs & defects","description":"Something broken that is mended.","condition":{"any":[{"field":"type","operator":"MATCHES","values":["(?i)(sub-?)?bug|defect|hotfix"]},{"field":"label","operator":"MATCHES","values":["(?i)bug|defect|hotfix"]}]}},{"name":"Technical work","description":"What users do not see: refactoring, infrastructure, investigation.","condition":{"any":[{"field":"type","operator":"MATCHES","values":["(?i)technical.*|tech[ _-]?(debt|task)|refactor(ing)?|spike|chore"]},{"field":"label","operator":"MATCHES","values":["(?i)tech(nical)?[ _-]?debt|refactor(ing)?|infra(structure)?|spike|chore|dependencies"]}]}},{"name":"Keeping the lights on","description":"Running what there is: incidents, support, maintenance.","condition":{"any":[{"field":"type","operator":"MATCHES","values":["(?i)incident|support( request)?|service request|maintenance|operations?|problem"]},{"field":"label","operator":"MATCHES","values":["(?i)ktlo|support|maintenance|operations?|ops|on-?call"]}]}}]}', 'type', type, 'status', status, 'label', labels, 'priority', priority, 'component', components, 'parent', parent, 'epic', epic, 'sprint', sprints, 'project', project, 'key', key, 'title', title, 'assignee', assignee, 'ancestors', ancestors, 'is_leaf', is_leaf)) AS category,
    type AS issue_type,
    priority,
    status,
    sprints AS sprint,
    boards AS board,
    assignee AS contributor,
    contributor(source, assignee) AS share_of,
    (CASE 'ISSUE_COUNT' WHEN 'STORY_POINTS' THEN coalesce(story_points, 0.0) WHEN 'TIME_IN_PROGRESS' THEN coalesce(seconds_in_progress, 0.0) ELSE 1.0 END) AS weight
FROM facts.work_items
WHERE completed_at IS NOT NULL
    AND (NOT assignee_is_bot AND NOT coalesce(array_has(make_array(), assignee), false));
COMMENT ON VIEW effort_fte IS 'Of issues that were done in the period and still are, bots'' left out, by who each was assigned to when it was done: for each engineer the slice''s part of that engineer''s effort in the period, added up over the engineers. Effort is told in the profile''s unit: issues, story points or time in progress. Of the whole: the number of engineers who completed anything. Issues assigned to nobody do not count. The value of a slice is, added up over share_of, sum(weight) of the slice divided by sum(weight) of all slices; the value of the whole is the number of share_of whose sum(weight) is above 0, over the rows whose "at" lies in the period.';
COMMENT ON COLUMN effort_fte.source IS 'Integration that the issue comes from.';
COMMENT ON COLUMN effort_fte.id IS 'Id of the issue in its source.';
COMMENT ON COLUMN effort_fte.at IS 'The time it belongs to. When it was done: where changes of status are known, when it was last done, if it still is; else as the issue says.';
COMMENT ON COLUMN effort_fte.project IS 'Project.';
COMMENT ON COLUMN effort_fte.work_type IS 'Type of work, by the profile''s rules.';
COMMENT ON COLUMN effort_fte.complexity IS 'The key in the dimension COMPLEXITY.';
COMMENT ON COLUMN effort_fte.category IS 'Category of business alignment, by the profile''s rules.';
COMMENT ON COLUMN effort_fte.issue_type IS 'Type, in the words of the tool.';
COMMENT ON COLUMN effort_fte.priority IS 'Priority, in the words of the tool.';
COMMENT ON COLUMN effort_fte.status IS 'Status, in the words of the tool, as the issue itself says.';
COMMENT ON COLUMN effort_fte.sprint IS 'Names of the sprints that it was in at any time.';
COMMENT ON COLUMN effort_fte.board IS 'Boards of those sprints.';
COMMENT ON COLUMN effort_fte.contributor IS 'Account that it was assigned to when it was done (not done: is assigned to now), a login of its source: from its changes of assignee, where they are known.';
COMMENT ON COLUMN effort_fte.share_of IS 'Whose share it is: the person or thing that the weight is divided among the slices of.';
COMMENT ON COLUMN effort_fte.weight IS 'What the row weighs; null weighs nothing.';

CREATE VIEW effort_issue_count AS
SELECT source,
    id,
    completed_at AS at,
    project,
    (classify('{"description":"Work types: what an issue, or a change made for issues, is for.","otherwise":"OTHER","classes":[{"name":"FEATURE","description":"Something new for users.","condition":{"any":[{"field":"type","operator":"MATCHES","values":["(?i)(user )?story|(new )?feature( request)?|epic|improvement|enhancement"]},{"field":"label","operator":"MATCHES","values":["(?i)feature|enhancement"]}]}},{"name":"BUG","description":"Something broken that is mended.","condition":{"any":[{"field":"type","operator":"MATCHES","values":["(?i)(sub-?)?bug|defect|incident|hotfix"]},{"field":"label","operator":"MATCHES","values":["(?i)bug|defect|hotfix"]}]}}]}', 'type', type, 'status', status, 'label', labels, 'priority', priority, 'component', components, 'parent', parent, 'epic', epic, 'sprint', sprints, 'project', project, 'key', key, 'title', title, 'assignee', assignee, 'ancestors', ancestors, 'is_leaf', is_leaf)) AS work_type,
    CASE WHEN story_points <= 2 THEN 'LOW' WHEN story_points <= 5 THEN 'MEDIUM' WHEN story_points IS NOT NULL THEN 'HIGH' END AS complexity,
    (classify('{"description":"Categories of business alignment: what the effort goes into.","otherwise":"Uncategorized","classes":[{"name":"New features","description":"Something new for users.","condition":{"any":[{"field":"type","operator":"MATCHES","values":["(?i)(user )?story|(new )?feature( request)?|epic|improvement|enhancement"]},{"field":"label","operator":"MATCHES","values":["(?i)feature|enhancement"]}]}},{"name":"Bugs & defects","description":"Something broken that is mended.","condition":{"any":[{"field":"type","operator":"MATCHES","values":["(?i)(sub-?)?bug|defect|hotfix"]},{"field":"label","operator":"MATCHES","values":["(?i)bug|defect|hotfix"]}]}},{"name":"Technical work","description":"What users do not see: refactoring, infrastructure, investigation.","condition":{"any":[{"field":"type","operator":"MATCHES","values":["(?i)technical.*|tech[ _-]?(debt|task)|refactor(ing)?|spike|chore"]},{"field":"label","operator":"MATCHES","values":["(?i)tech(nical)?[ _-]?debt|refactor(ing)?|infra(structure)?|spike|chore|dependencies"]}]}},{"name":"Keeping the lights on","description":"Running what there is: incidents, support, maintenance.","condition":{"any":[{"field":"type","operator":"MATCHES","values":["(?i)incident|support( request)?|service request|maintenance|operations?|problem"]},{"field":"label","operator":"MATCHES","values":["(?i)ktlo|support|maintenance|operations?|ops|on-?call"]}]}}]}', 'type', type, 'status', status, 'label', labels, 'priority', priority, 'component', components, 'parent', parent, 'epic', epic, 'sprint', sprints, 'project', project, 'key', key, 'title', title, 'assignee', assignee, 'ancestors', ancestors, 'is_leaf', is_leaf)) AS category,
    type AS issue_type,
    priority,
    status,
    sprints AS sprint,
    boards AS board,
    assignee AS contributor,
    1 AS counted
FROM facts.work_items
WHERE completed_at IS NOT NULL
    AND (NOT assignee_is_bot AND NOT coalesce(array_has(make_array(), assignee), false));
COMMENT ON VIEW effort_issue_count IS 'Of issues that were done in the period and still are, bots'' left out: how many. By CATEGORY, the share of a category is its part of all of them. An issue is of the highest-ranked category of the profile whose rule holds of it, or, as the rule''s hierarchy says, of what it stands below; of none, it is Uncategorized. The value is sum(counted), over the rows whose "at" lies in the period.';
COMMENT ON COLUMN effort_issue_count.source IS 'Integration that the issue comes from.';
COMMENT ON COLUMN effort_issue_count.id IS 'Id of the issue in its source.';
COMMENT ON COLUMN effort_issue_count.at IS 'The time it belongs to. When it was done: where changes of status are known, when it was last done, if it still is; else as the issue says.';
COMMENT ON COLUMN effort_issue_count.project IS 'Project.';
COMMENT ON COLUMN effort_issue_count.work_type IS 'Type of work, by the profile''s rules.';
COMMENT ON COLUMN effort_issue_count.complexity IS 'The key in the dimension COMPLEXITY.';
COMMENT ON COLUMN effort_issue_count.category IS 'Category of business alignment, by the profile''s rules.';
COMMENT ON COLUMN effort_issue_count.issue_type IS 'Type, in the words of the tool.';
COMMENT ON COLUMN effort_issue_count.priority IS 'Priority, in the words of the tool.';
COMMENT ON COLUMN effort_issue_count.status IS 'Status, in the words of the tool, as the issue itself says.';
COMMENT ON COLUMN effort_issue_count.sprint IS 'Names of the sprints that it was in at any time.';
COMMENT ON COLUMN effort_issue_count.board IS 'Boards of those sprints.';
COMMENT ON COLUMN effort_issue_count.contributor IS 'Account that it was assigned to when it was done (not done: is assigned to now), a login of its source: from its changes of assignee, where they are known.';
COMMENT ON COLUMN effort_issue_count.counted IS '1 where the numerator counts the row, else 0.';

CREATE VIEW effort_story_points AS
SELECT source,
    id,
    completed_at AS at,
    project,
    (classify('{"description":"Work types: what an issue, or a change made for issues, is for.","otherwise":"OTHER","classes":[{"name":"FEATURE","description":"Something new for users.","condition":{"any":[{"field":"type","operator":"MATCHES","values":["(?i)(user )?story|(new )?feature( request)?|epic|improvement|enhancement"]},{"field":"label","operator":"MATCHES","values":["(?i)feature|enhancement"]}]}},{"name":"BUG","description":"Something broken that is mended.","condition":{"any":[{"field":"type","operator":"MATCHES","values":["(?i)(sub-?)?bug|defect|incident|hotfix"]},{"field":"label","operator":"MATCHES","values":["(?i)bug|defect|hotfix"]}]}}]}', 'type', type, 'status', status, 'label', labels, 'priority', priority, 'component', components, 'parent', parent, 'epic', epic, 'sprint', sprints, 'project', project, 'key', key, 'title', title, 'assignee', assignee, 'ancestors', ancestors, 'is_leaf', is_leaf)) AS work_type,
    CASE WHEN story_points <= 2 THEN 'LOW' WHEN story_points <= 5 THEN 'MEDIUM' WHEN story_points IS NOT NULL THEN 'HIGH' END AS complexity,
    (classify('{"description":"Categories of business alignment: what the effort goes into.","otherwise":"Uncategorized","classes":[{"name":"New features","description":"Something new for users.","condition":{"any":[{"field":"type","operator":"MATCHES","values":["(?i)(user )?story|(new )?feature( request)?|epic|improvement|enhancement"]},{"field":"label","operator":"MATCHES","values":["(?i)feature|enhancement"]}]}},{"name":"Bugs & defects","description":"Something broken that is mended.","condition":{"any":[{"field":"type","operator":"MATCHES","values":["(?i)(sub-?)?bug|defect|hotfix"]},{"field":"label","operator":"MATCHES","values":["(?i)bug|defect|hotfix"]}]}},{"name":"Technical work","description":"What users do not see: refactoring, infrastructure, investigation.","condition":{"any":[{"field":"type","operator":"MATCHES","values":["(?i)technical.*|tech[ _-]?(debt|task)|refactor(ing)?|spike|chore"]},{"field":"label","operator":"MATCHES","values":["(?i)tech(nical)?[ _-]?debt|refactor(ing)?|infra(structure)?|spike|chore|dependencies"]}]}},{"name":"Keeping the lights on","description":"Running what there is: incidents, support, maintenance.","condition":{"any":[{"field":"type","operator":"MATCHES","values":["(?i)incident|support( request)?|service request|maintenance|operations?|problem"]},{"field":"label","operator":"MATCHES","values":["(?i)ktlo|support|maintenance|operations?|ops|on-?call"]}]}}]}', 'type', type, 'status', status, 'label', labels, 'priority', priority, 'component', components, 'parent', parent, 'epic', epic, 'sprint', sprints, 'project', project, 'key', key, 'title', title, 'assignee', assignee, 'ancestors', ancestors, 'is_leaf', is_leaf)) AS category,
    type AS issue_type,
    priority,
    status,
    sprints AS sprint,
    boards AS board,
    assignee AS contributor,
    story_points AS counted,
    CASE WHEN (story_points IS NOT NULL) THEN 1 ELSE 0 END AS known
FROM facts.work_items
WHERE completed_at IS NOT NULL
    AND (NOT assignee_is_bot AND NOT coalesce(array_has(make_array(), assignee), false));
COMMENT ON VIEW effort_story_points IS 'Of issues that were done in the period and still are, bots'' left out: their story points, added up. Issues without an estimate add nothing and lower the coverage. By CATEGORY, the share of a category is its part of all points. The value is sum(counted), over the rows whose "at" lies in the period.';
COMMENT ON COLUMN effort_story_points.source IS 'Integration that the issue comes from.';
COMMENT ON COLUMN effort_story_points.id IS 'Id of the issue in its source.';
COMMENT ON COLUMN effort_story_points.at IS 'The time it belongs to. When it was done: where changes of status are known, when it was last done, if it still is; else as the issue says.';
COMMENT ON COLUMN effort_story_points.project IS 'Project.';
COMMENT ON COLUMN effort_story_points.work_type IS 'Type of work, by the profile''s rules.';
COMMENT ON COLUMN effort_story_points.complexity IS 'The key in the dimension COMPLEXITY.';
COMMENT ON COLUMN effort_story_points.category IS 'Category of business alignment, by the profile''s rules.';
COMMENT ON COLUMN effort_story_points.issue_type IS 'Type, in the words of the tool.';
COMMENT ON COLUMN effort_story_points.priority IS 'Priority, in the words of the tool.';
COMMENT ON COLUMN effort_story_points.status IS 'Status, in the words of the tool, as the issue itself says.';
COMMENT ON COLUMN effort_story_points.sprint IS 'Names of the sprints that it was in at any time.';
COMMENT ON COLUMN effort_story_points.board IS 'Boards of those sprints.';
COMMENT ON COLUMN effort_story_points.contributor IS 'Account that it was assigned to when it was done (not done: is assigned to now), a login of its source: from its changes of assignee, where they are known.';
COMMENT ON COLUMN effort_story_points.counted IS 'What the numerator looks at.';
COMMENT ON COLUMN effort_story_points.known IS '1 where the row''s value is known, else 0.';

CREATE VIEW effort_time_in_progress AS
SELECT source,
    id,
    completed_at AS at,
    project,
    (classify('{"description":"Work types: what an issue, or a change made for issues, is for.","otherwise":"OTHER","classes":[{"name":"FEATURE","description":"Something new for users.","condition":{"any":[{"field":"type","operator":"MATCHES","values":["(?i)(user )?story|(new )?feature( request)?|epic|improvement|enhancement"]},{"field":"label","operator":"MATCHES","values":["(?i)feature|enhancement"]}]}},{"name":"BUG","description":"Something broken that is mended.","condition":{"any":[{"field":"type","operator":"MATCHES","values":["(?i)(sub-?)?bug|defect|incident|hotfix"]},{"field":"label","operator":"MATCHES","values":["(?i)bug|defect|hotfix"]}]}}]}', 'type', type, 'status', status, 'label', labels, 'priority', priority, 'component', components, 'parent', parent, 'epic', epic, 'sprint', sprints, 'project', project, 'key', key, 'title', title, 'assignee', assignee, 'ancestors', ancestors, 'is_leaf', is_leaf)) AS work_type,
    CASE WHEN story_points <= 2 THEN 'LOW' WHEN story_points <= 5 THEN 'MEDIUM' WHEN story_points IS NOT NULL THEN 'HIGH' END AS complexity,
    (classify('{"description":"Categories of business alignment: what the effort goes into.","otherwise":"Uncategorized","classes":[{"name":"New features","description":"Something new for users.","condition":{"any":[{"field":"type","operator":"MATCHES","values":["(?i)(user )?story|(new )?feature( request)?|epic|improvement|enhancement"]},{"field":"label","operator":"MATCHES","values":["(?i)feature|enhancement"]}]}},{"name":"Bugs & defects","description":"Something broken that is mended.","condition":{"any":[{"field":"type","operator":"MATCHES","values":["(?i)(sub-?)?bug|defect|hotfix"]},{"field":"label","operator":"MATCHES","values":["(?i)bug|defect|hotfix"]}]}},{"name":"Technical work","description":"What users do not see: refactoring, infrastructure, investigation.","condition":{"any":[{"field":"type","operator":"MATCHES","values":["(?i)technical.*|tech[ _-]?(debt|task)|refactor(ing)?|spike|chore"]},{"field":"label","operator":"MATCHES","values":["(?i)tech(nical)?[ _-]?debt|refactor(ing)?|infra(structure)?|spike|chore|dependencies"]}]}},{"name":"Keeping the lights on","description":"Running what there is: incidents, support, maintenance.","condition":{"any":[{"field":"type","operator":"MATCHES","values":["(?i)incident|support( request)?|service request|maintenance|operations?|problem"]},{"field":"label","operator":"MATCHES","values":["(?i)ktlo|support|maintenance|operations?|ops|on-?call"]}]}}]}', 'type', type, 'status', status, 'label', labels, 'priority', priority, 'component', components, 'parent', parent, 'epic', epic, 'sprint', sprints, 'project', project, 'key', key, 'title', title, 'assignee', assignee, 'ancestors', ancestors, 'is_leaf', is_leaf)) AS category,
    type AS issue_type,
    priority,
    status,
    sprints AS sprint,
    boards AS board,
    assignee AS contributor,
    seconds_in_progress AS counted,
    CASE WHEN (seconds_in_progress IS NOT NULL) THEN 1 ELSE 0 END AS known
FROM facts.work_items
WHERE completed_at IS NOT NULL
    AND (NOT assignee_is_bot AND NOT coalesce(array_has(make_array(), assignee), false));
COMMENT ON VIEW effort_time_in_progress IS 'Of issues that were done in the period and still are, bots'' left out: the time that each was in progress, added up, whenever that was. It comes from changes of status, where they are collected, else from start to end; an issue that tells neither adds nothing and lowers the coverage. By CATEGORY, the share of a category is its part of all of it. The value is sum(counted), over the rows whose "at" lies in the period.';
COMMENT ON COLUMN effort_time_in_progress.source IS 'Integration that the issue comes from.';
COMMENT ON COLUMN effort_time_in_progress.id IS 'Id of the issue in its source.';
COMMENT ON COLUMN effort_time_in_progress.at IS 'The time it belongs to. When it was done: where changes of status are known, when it was last done, if it still is; else as the issue says.';
COMMENT ON COLUMN effort_time_in_progress.project IS 'Project.';
COMMENT ON COLUMN effort_time_in_progress.work_type IS 'Type of work, by the profile''s rules.';
COMMENT ON COLUMN effort_time_in_progress.complexity IS 'The key in the dimension COMPLEXITY.';
COMMENT ON COLUMN effort_time_in_progress.category IS 'Category of business alignment, by the profile''s rules.';
COMMENT ON COLUMN effort_time_in_progress.issue_type IS 'Type, in the words of the tool.';
COMMENT ON COLUMN effort_time_in_progress.priority IS 'Priority, in the words of the tool.';
COMMENT ON COLUMN effort_time_in_progress.status IS 'Status, in the words of the tool, as the issue itself says.';
COMMENT ON COLUMN effort_time_in_progress.sprint IS 'Names of the sprints that it was in at any time.';
COMMENT ON COLUMN effort_time_in_progress.board IS 'Boards of those sprints.';
COMMENT ON COLUMN effort_time_in_progress.contributor IS 'Account that it was assigned to when it was done (not done: is assigned to now), a login of its source: from its changes of assignee, where they are known.';
COMMENT ON COLUMN effort_time_in_progress.counted IS 'What the numerator looks at.';
COMMENT ON COLUMN effort_time_in_progress.known IS '1 where the row''s value is known, else 0.';

CREATE VIEW uncategorized_share AS
SELECT source,
    id,
    completed_at AS at,
    project,
    (classify('{"description":"Work types: what an issue, or a change made for issues, is for.","otherwise":"OTHER","classes":[{"name":"FEATURE","description":"Something new for users.","condition":{"any":[{"field":"type","operator":"MATCHES","values":["(?i)(user )?story|(new )?feature( request)?|epic|improvement|enhancement"]},{"field":"label","operator":"MATCHES","values":["(?i)feature|enhancement"]}]}},{"name":"BUG","description":"Something broken that is mended.","condition":{"any":[{"field":"type","operator":"MATCHES","values":["(?i)(sub-?)?bug|defect|incident|hotfix"]},{"field":"label","operator":"MATCHES","values":["(?i)bug|defect|hotfix"]}]}}]}', 'type', type, 'status', status, 'label', labels, 'priority', priority, 'component', components, 'parent', parent, 'epic', epic, 'sprint', sprints, 'project', project, 'key', key, 'title', title, 'assignee', assignee, 'ancestors', ancestors, 'is_leaf', is_leaf)) AS work_type,
    CASE WHEN story_points <= 2 THEN 'LOW' WHEN story_points <= 5 THEN 'MEDIUM' WHEN story_points IS NOT NULL THEN 'HIGH' END AS complexity,
    (classify('{"description":"Categories of business alignment: what the effort goes into.","otherwise":"Uncategorized","classes":[{"name":"New features","description":"Something new for users.","condition":{"any":[{"field":"type","operator":"MATCHES","values":["(?i)(user )?story|(new )?feature( request)?|epic|improvement|enhancement"]},{"field":"label","operator":"MATCHES","values":["(?i)feature|enhancement"]}]}},{"name":"Bugs & defects","description":"Something broken that is mended.","condition":{"any":[{"field":"type","operator":"MATCHES","values":["(?i)(sub-?)?bug|defect|hotfix"]},{"field":"label","operator":"MATCHES","values":["(?i)bug|defect|hotfix"]}]}},{"name":"Technical work","description":"What users do not see: refactoring, infrastructure, investigation.","condition":{"any":[{"field":"type","operator":"MATCHES","values":["(?i)technical.*|tech[ _-]?(debt|task)|refactor(ing)?|spike|chore"]},{"field":"label","operator":"MATCHES","values":["(?i)tech(nical)?[ _-]?debt|refactor(ing)?|infra(structure)?|spike|chore|dependencies"]}]}},{"name":"Keeping the lights on","description":"Running what there is: incidents, support, maintenance.","condition":{"any":[{"field":"type","operator":"MATCHES","values":["(?i)incident|support( request)?|service request|maintenance|operations?|problem"]},{"field":"label","operator":"MATCHES","values":["(?i)ktlo|support|maintenance|operations?|ops|on-?call"]}]}}]}', 'type', type, 'status', status, 'label', labels, 'priority', priority, 'component', components, 'parent', parent, 'epic', epic, 'sprint', sprints, 'project', project, 'key', key, 'title', title, 'assignee', assignee, 'ancestors', ancestors, 'is_leaf', is_leaf)) AS category,
    type AS issue_type,
    priority,
    status,
    sprints AS sprint,
    boards AS board,
    assignee AS contributor,
    CASE WHEN (classify('{"description":"Categories of business alignment: what the effort goes into.","otherwise":"Uncategorized","classes":[{"name":"New features","description":"Something new for users.","condition":{"any":[{"field":"type","operator":"MATCHES","values":["(?i)(user )?story|(new )?feature( request)?|epic|improvement|enhancement"]},{"field":"label","operator":"MATCHES","values":["(?i)feature|enhancement"]}]}},{"name":"Bugs & defects","description":"Something broken that is mended.","condition":{"any":[{"field":"type","operator":"MATCHES","values":["(?i)(sub-?)?bug|defect|hotfix"]},{"field":"label","operator":"MATCHES","values":["(?i)bug|defect|hotfix"]}]}},{"name":"Technical work","description":"What users do not see: refactoring, infrastructure, investigation.","condition":{"any":[{"field":"type","operator":"MATCHES","values":["(?i)technical.*|tech[ _-]?(debt|task)|refactor(ing)?|spike|chore"]},{"field":"label","operator":"MATCHES","values":["(?i)tech(nical)?[ _-]?debt|refactor(ing)?|infra(structure)?|spike|chore|dependencies"]}]}},{"name":"Keeping the lights on","description":"Running what there is: incidents, support, maintenance.","condition":{"any":[{"field":"type","operator":"MATCHES","values":["(?i)incident|support( request)?|service request|maintenance|operations?|problem"]},{"field":"label","operator":"MATCHES","values":["(?i)ktlo|support|maintenance|operations?|ops|on-?call"]}]}}]}', 'type', type, 'status', status, 'label', labels, 'priority', priority, 'component', components, 'parent', parent, 'epic', epic, 'sprint', sprints, 'project', project, 'key', key, 'title', title, 'assignee', assignee, 'ancestors', ancestors, 'is_leaf', is_leaf)) = unclassified('{"description":"Categories of business alignment: what the effort goes into.","otherwise":"Uncategorized","classes":[{"name":"New features","description":"Something new for users.","condition":{"any":[{"field":"type","operator":"MATCHES","values":["(?i)(user )?story|(new )?feature( request)?|epic|improvement|enhancement"]},{"field":"label","operator":"MATCHES","values":["(?i)feature|enhancement"]}]}},{"name":"Bugs & defects","description":"Something broken that is mended.","condition":{"any":[{"field":"type","operator":"MATCHES","values":["(?i)(sub-?)?bug|defect|hotfix"]},{"field":"label","operator":"MATCHES","values":["(?i)bug|defect|hotfix"]}]}},{"name":"Technical work","description":"What users do not see: refactoring, infrastructure, investigation.","condition":{"any":[{"field":"type","operator":"MATCHES","values":["(?i)technical.*|tech[ _-]?(debt|task)|refactor(ing)?|spike|chore"]},{"field":"label","operator":"MATCHES","values":["(?i)tech(nical)?[ _-]?debt|refactor(ing)?|infra(structure)?|spike|chore|dependencies"]}]}},{"name":"Keeping the lights on","description":"Running what there is: incidents, support, maintenance.","condition":{"any":[{"field":"type","operator":"MATCHES","values":["(?i)incident|support( request)?|service request|maintenance|operations?|problem"]},{"field":"label","operator":"MATCHES","values":["(?i)ktlo|support|maintenance|operations?|ops|on-?call"]}]}}]}') THEN (CASE 'ISSUE_COUNT' WHEN 'STORY_POINTS' THEN coalesce(story_points, 0.0) WHEN 'TIME_IN_PROGRESS' THEN coalesce(seconds_in_progress, 0.0) ELSE 1.0 END) END AS counted,
    (CASE 'ISSUE_COUNT' WHEN 'STORY_POINTS' THEN coalesce(story_points, 0.0) WHEN 'TIME_IN_PROGRESS' THEN coalesce(seconds_in_progress, 0.0) ELSE 1.0 END) AS divisor
FROM facts.work_items
WHERE completed_at IS NOT NULL
    AND (NOT assignee_is_bot AND NOT coalesce(array_has(make_array(), assignee), false));
COMMENT ON VIEW uncategorized_share IS 'Of issues that were done in the period and still are, bots'' left out: the effort, in the profile''s unit, of those of which no category''s rule holds, divided by the effort of all. The value is CAST(sum(counted) AS DOUBLE) / nullif(sum(divisor), 0), over the rows whose "at" lies in the period.';
COMMENT ON COLUMN uncategorized_share.source IS 'Integration that the issue comes from.';
COMMENT ON COLUMN uncategorized_share.id IS 'Id of the issue in its source.';
COMMENT ON COLUMN uncategorized_share.at IS 'The time it belongs to. When it was done: where changes of status are known, when it was last done, if it still is; else as the issue says.';
COMMENT ON COLUMN uncategorized_share.project IS 'Project.';
COMMENT ON COLUMN uncategorized_share.work_type IS 'Type of work, by the profile''s rules.';
COMMENT ON COLUMN uncategorized_share.complexity IS 'The key in the dimension COMPLEXITY.';
COMMENT ON COLUMN uncategorized_share.category IS 'Category of business alignment, by the profile''s rules.';
COMMENT ON COLUMN uncategorized_share.issue_type IS 'Type, in the words of the tool.';
COMMENT ON COLUMN uncategorized_share.priority IS 'Priority, in the words of the tool.';
COMMENT ON COLUMN uncategorized_share.status IS 'Status, in the words of the tool, as the issue itself says.';
COMMENT ON COLUMN uncategorized_share.sprint IS 'Names of the sprints that it was in at any time.';
COMMENT ON COLUMN uncategorized_share.board IS 'Boards of those sprints.';
COMMENT ON COLUMN uncategorized_share.contributor IS 'Account that it was assigned to when it was done (not done: is assigned to now), a login of its source: from its changes of assignee, where they are known.';
COMMENT ON COLUMN uncategorized_share.counted IS 'What the numerator looks at.';
COMMENT ON COLUMN uncategorized_share.divisor IS 'What the denominator looks at.';

CREATE VIEW sprint_churn AS
SELECT source,
    id,
    sprint_ended_at AS at,
    project,
    CASE WHEN entered_points <= 2 THEN 'LOW' WHEN entered_points <= 5 THEN 'MEDIUM' WHEN entered_points IS NOT NULL THEN 'HIGH' END AS complexity,
    type AS issue_type,
    priority,
    status,
    sprint,
    board,
    assignee AS contributor,
    CASE WHEN seconds_after_start > 86400 THEN CASE WHEN 'STORY_POINTS' = 'ISSUE_COUNT' THEN 1.0 ELSE coalesce(entered_points, 0.0) END ELSE 0.0 END + CASE WHEN outcome = 'REMOVED' THEN CASE WHEN 'STORY_POINTS' = 'ISSUE_COUNT' THEN 1.0 ELSE coalesce(entered_points, 0.0) END ELSE 0.0 END + CASE WHEN 'STORY_POINTS' = 'ISSUE_COUNT' THEN 0.0 ELSE abs(coalesce(end_points, 0.0) - coalesce(entered_points, 0.0)) END AS counted,
    CASE WHEN seconds_after_start <= 86400 THEN CASE WHEN 'STORY_POINTS' = 'ISSUE_COUNT' THEN 1.0 ELSE coalesce(entered_points, 0.0) END END AS divisor,
    CASE WHEN ('STORY_POINTS' = 'ISSUE_COUNT' OR entered_points IS NOT NULL) THEN 1 ELSE 0 END AS known
FROM facts.sprint_items
WHERE sprint_ended_at IS NOT NULL
    AND ((NOT assignee_is_bot AND NOT coalesce(array_has(make_array(), assignee), false)) AND (sprint_is_completed) AND (seconds_after_start IS NOT NULL) AND (NOT any_match(make_array(type), '^sub-?task$')) AND (NOT done_at_entry));
COMMENT ON VIEW sprint_churn IS 'Creep plus removed plus what issues were resized by, up or down, while they were in the sprint, divided by commit. What is added later and removed again counts as both. By ISSUE_COUNT nothing is resized. Completed sprints that ended in the period; sub-tasks, bots'' issues and what was done before it entered the sprint are left out. By story points those at entry count (without any: 0, and the coverage is lower), by ISSUE_COUNT each issue is 1. The value is CAST(sum(counted) AS DOUBLE) / nullif(sum(divisor), 0), over the rows whose "at" lies in the period.';
COMMENT ON COLUMN sprint_churn.source IS 'Integration that sprint and issue come from.';
COMMENT ON COLUMN sprint_churn.id IS 'Ids of sprint and issue, with a space between them.';
COMMENT ON COLUMN sprint_churn.at IS 'The time it belongs to. When the sprint was closed; where that is not known, when it was to end.';
COMMENT ON COLUMN sprint_churn.project IS 'Project of the issue.';
COMMENT ON COLUMN sprint_churn.complexity IS 'The key in the dimension COMPLEXITY.';
COMMENT ON COLUMN sprint_churn.issue_type IS 'Type of the issue, in the words of the tool.';
COMMENT ON COLUMN sprint_churn.priority IS 'Priority of the issue, in the words of the tool.';
COMMENT ON COLUMN sprint_churn.status IS 'Status of the issue now, in the words of the tool.';
COMMENT ON COLUMN sprint_churn.sprint IS 'Name of the sprint.';
COMMENT ON COLUMN sprint_churn.board IS 'Board or team that runs it.';
COMMENT ON COLUMN sprint_churn.contributor IS 'Account that the issue was assigned to when the sprint ended or the issue was taken out, a login of its source.';
COMMENT ON COLUMN sprint_churn.counted IS 'What the numerator looks at.';
COMMENT ON COLUMN sprint_churn.divisor IS 'What the denominator looks at.';
COMMENT ON COLUMN sprint_churn.known IS '1 where the row''s value is known, else 0.';

CREATE VIEW sprint_commit AS
SELECT source,
    id,
    sprint_ended_at AS at,
    project,
    CASE WHEN entered_points <= 2 THEN 'LOW' WHEN entered_points <= 5 THEN 'MEDIUM' WHEN entered_points IS NOT NULL THEN 'HIGH' END AS complexity,
    type AS issue_type,
    priority,
    status,
    sprint,
    board,
    assignee AS contributor,
    CASE WHEN 'STORY_POINTS' = 'ISSUE_COUNT' THEN 1.0 ELSE coalesce(entered_points, 0.0) END AS counted,
    CASE WHEN ('STORY_POINTS' = 'ISSUE_COUNT' OR entered_points IS NOT NULL) THEN 1 ELSE 0 END AS known
FROM facts.sprint_items
WHERE sprint_ended_at IS NOT NULL
    AND ((NOT assignee_is_bot AND NOT coalesce(array_has(make_array(), assignee), false)) AND (sprint_is_completed) AND (seconds_after_start IS NOT NULL) AND (NOT any_match(make_array(type), '^sub-?task$')) AND (NOT done_at_entry) AND (seconds_after_start <= 86400));
COMMENT ON VIEW sprint_commit IS 'Effort of the issues that were in a sprint when it started or were added within the grace period of its start, whatever became of them. Completed sprints that ended in the period; sub-tasks, bots'' issues and what was done before it entered the sprint are left out. By story points those at entry count (without any: 0, and the coverage is lower), by ISSUE_COUNT each issue is 1. The value is sum(counted), over the rows whose "at" lies in the period.';
COMMENT ON COLUMN sprint_commit.source IS 'Integration that sprint and issue come from.';
COMMENT ON COLUMN sprint_commit.id IS 'Ids of sprint and issue, with a space between them.';
COMMENT ON COLUMN sprint_commit.at IS 'The time it belongs to. When the sprint was closed; where that is not known, when it was to end.';
COMMENT ON COLUMN sprint_commit.project IS 'Project of the issue.';
COMMENT ON COLUMN sprint_commit.complexity IS 'The key in the dimension COMPLEXITY.';
COMMENT ON COLUMN sprint_commit.issue_type IS 'Type of the issue, in the words of the tool.';
COMMENT ON COLUMN sprint_commit.priority IS 'Priority of the issue, in the words of the tool.';
COMMENT ON COLUMN sprint_commit.status IS 'Status of the issue now, in the words of the tool.';
COMMENT ON COLUMN sprint_commit.sprint IS 'Name of the sprint.';
COMMENT ON COLUMN sprint_commit.board IS 'Board or team that runs it.';
COMMENT ON COLUMN sprint_commit.contributor IS 'Account that the issue was assigned to when the sprint ended or the issue was taken out, a login of its source.';
COMMENT ON COLUMN sprint_commit.counted IS 'What the numerator looks at.';
COMMENT ON COLUMN sprint_commit.known IS '1 where the row''s value is known, else 0.';

CREATE VIEW sprint_commit_done_ratio AS
SELECT source,
    id,
    sprint_ended_at AS at,
    project,
    CASE WHEN entered_points <= 2 THEN 'LOW' WHEN entered_points <= 5 THEN 'MEDIUM' WHEN entered_points IS NOT NULL THEN 'HIGH' END AS complexity,
    type AS issue_type,
    priority,
    status,
    sprint,
    board,
    assignee AS contributor,
    CASE WHEN outcome = 'DELIVERED' THEN CASE WHEN 'STORY_POINTS' = 'ISSUE_COUNT' THEN 1.0 ELSE coalesce(entered_points, 0.0) END END AS counted,
    CASE WHEN 'STORY_POINTS' = 'ISSUE_COUNT' THEN 1.0 ELSE coalesce(entered_points, 0.0) END AS divisor,
    CASE WHEN ('STORY_POINTS' = 'ISSUE_COUNT' OR entered_points IS NOT NULL) THEN 1 ELSE 0 END AS known
FROM facts.sprint_items
WHERE sprint_ended_at IS NOT NULL
    AND ((NOT assignee_is_bot AND NOT coalesce(array_has(make_array(), assignee), false)) AND (sprint_is_completed) AND (seconds_after_start IS NOT NULL) AND (NOT any_match(make_array(type), '^sub-?task$')) AND (NOT done_at_entry) AND (seconds_after_start <= 86400));
COMMENT ON VIEW sprint_commit_done_ratio IS 'Delivered commit divided by commit. Completed sprints that ended in the period; sub-tasks, bots'' issues and what was done before it entered the sprint are left out. By story points those at entry count (without any: 0, and the coverage is lower), by ISSUE_COUNT each issue is 1. The value is CAST(sum(counted) AS DOUBLE) / nullif(sum(divisor), 0), over the rows whose "at" lies in the period.';
COMMENT ON COLUMN sprint_commit_done_ratio.source IS 'Integration that sprint and issue come from.';
COMMENT ON COLUMN sprint_commit_done_ratio.id IS 'Ids of sprint and issue, with a space between them.';
COMMENT ON COLUMN sprint_commit_done_ratio.at IS 'The time it belongs to. When the sprint was closed; where that is not known, when it was to end.';
COMMENT ON COLUMN sprint_commit_done_ratio.project IS 'Project of the issue.';
COMMENT ON COLUMN sprint_commit_done_ratio.complexity IS 'The key in the dimension COMPLEXITY.';
COMMENT ON COLUMN sprint_commit_done_ratio.issue_type IS 'Type of the issue, in the words of the tool.';
COMMENT ON COLUMN sprint_commit_done_ratio.priority IS 'Priority of the issue, in the words of the tool.';
COMMENT ON COLUMN sprint_commit_done_ratio.status IS 'Status of the issue now, in the words of the tool.';
COMMENT ON COLUMN sprint_commit_done_ratio.sprint IS 'Name of the sprint.';
COMMENT ON COLUMN sprint_commit_done_ratio.board IS 'Board or team that runs it.';
COMMENT ON COLUMN sprint_commit_done_ratio.contributor IS 'Account that the issue was assigned to when the sprint ended or the issue was taken out, a login of its source.';
COMMENT ON COLUMN sprint_commit_done_ratio.counted IS 'What the numerator looks at.';
COMMENT ON COLUMN sprint_commit_done_ratio.divisor IS 'What the denominator looks at.';
COMMENT ON COLUMN sprint_commit_done_ratio.known IS '1 where the row''s value is known, else 0.';

CREATE VIEW sprint_creep AS
SELECT source,
    id,
    sprint_ended_at AS at,
    project,
    CASE WHEN entered_points <= 2 THEN 'LOW' WHEN entered_points <= 5 THEN 'MEDIUM' WHEN entered_points IS NOT NULL THEN 'HIGH' END AS complexity,
    type AS issue_type,
    priority,
    status,
    sprint,
    board,
    assignee AS contributor,
    CASE WHEN 'STORY_POINTS' = 'ISSUE_COUNT' THEN 1.0 ELSE coalesce(entered_points, 0.0) END AS counted,
    CASE WHEN ('STORY_POINTS' = 'ISSUE_COUNT' OR entered_points IS NOT NULL) THEN 1 ELSE 0 END AS known
FROM facts.sprint_items
WHERE sprint_ended_at IS NOT NULL
    AND ((NOT assignee_is_bot AND NOT coalesce(array_has(make_array(), assignee), false)) AND (sprint_is_completed) AND (seconds_after_start IS NOT NULL) AND (NOT any_match(make_array(type), '^sub-?task$')) AND (NOT done_at_entry) AND (seconds_after_start > 86400));
COMMENT ON VIEW sprint_creep IS 'Effort of the issues that were added to a sprint later than the grace period after its start, whatever became of them. Completed sprints that ended in the period; sub-tasks, bots'' issues and what was done before it entered the sprint are left out. By story points those at entry count (without any: 0, and the coverage is lower), by ISSUE_COUNT each issue is 1. The value is sum(counted), over the rows whose "at" lies in the period.';
COMMENT ON COLUMN sprint_creep.source IS 'Integration that sprint and issue come from.';
COMMENT ON COLUMN sprint_creep.id IS 'Ids of sprint and issue, with a space between them.';
COMMENT ON COLUMN sprint_creep.at IS 'The time it belongs to. When the sprint was closed; where that is not known, when it was to end.';
COMMENT ON COLUMN sprint_creep.project IS 'Project of the issue.';
COMMENT ON COLUMN sprint_creep.complexity IS 'The key in the dimension COMPLEXITY.';
COMMENT ON COLUMN sprint_creep.issue_type IS 'Type of the issue, in the words of the tool.';
COMMENT ON COLUMN sprint_creep.priority IS 'Priority of the issue, in the words of the tool.';
COMMENT ON COLUMN sprint_creep.status IS 'Status of the issue now, in the words of the tool.';
COMMENT ON COLUMN sprint_creep.sprint IS 'Name of the sprint.';
COMMENT ON COLUMN sprint_creep.board IS 'Board or team that runs it.';
COMMENT ON COLUMN sprint_creep.contributor IS 'Account that the issue was assigned to when the sprint ended or the issue was taken out, a login of its source.';
COMMENT ON COLUMN sprint_creep.counted IS 'What the numerator looks at.';
COMMENT ON COLUMN sprint_creep.known IS '1 where the row''s value is known, else 0.';

CREATE VIEW sprint_creep_ratio AS
SELECT source,
    id,
    sprint_ended_at AS at,
    project,
    CASE WHEN entered_points <= 2 THEN 'LOW' WHEN entered_points <= 5 THEN 'MEDIUM' WHEN entered_points IS NOT NULL THEN 'HIGH' END AS complexity,
    type AS issue_type,
    priority,
    status,
    sprint,
    board,
    assignee AS contributor,
    CASE WHEN seconds_after_start > 86400 THEN CASE WHEN 'STORY_POINTS' = 'ISSUE_COUNT' THEN 1.0 ELSE coalesce(entered_points, 0.0) END END AS counted,
    CASE WHEN seconds_after_start <= 86400 THEN CASE WHEN 'STORY_POINTS' = 'ISSUE_COUNT' THEN 1.0 ELSE coalesce(entered_points, 0.0) END END AS divisor,
    CASE WHEN ('STORY_POINTS' = 'ISSUE_COUNT' OR entered_points IS NOT NULL) THEN 1 ELSE 0 END AS known
FROM facts.sprint_items
WHERE sprint_ended_at IS NOT NULL
    AND ((NOT assignee_is_bot AND NOT coalesce(array_has(make_array(), assignee), false)) AND (sprint_is_completed) AND (seconds_after_start IS NOT NULL) AND (NOT any_match(make_array(type), '^sub-?task$')) AND (NOT done_at_entry));
COMMENT ON VIEW sprint_creep_ratio IS 'Creep divided by commit; above 1 where more was added than planned. Completed sprints that ended in the period; sub-tasks, bots'' issues and what was done before it entered the sprint are left out. By story points those at entry count (without any: 0, and the coverage is lower), by ISSUE_COUNT each issue is 1. The value is CAST(sum(counted) AS DOUBLE) / nullif(sum(divisor), 0), over the rows whose "at" lies in the period.';
COMMENT ON COLUMN sprint_creep_ratio.source IS 'Integration that sprint and issue come from.';
COMMENT ON COLUMN sprint_creep_ratio.id IS 'Ids of sprint and issue, with a space between them.';
COMMENT ON COLUMN sprint_creep_ratio.at IS 'The time it belongs to. When the sprint was closed; where that is not known, when it was to end.';
COMMENT ON COLUMN sprint_creep_ratio.project IS 'Project of the issue.';
COMMENT ON COLUMN sprint_creep_ratio.complexity IS 'The key in the dimension COMPLEXITY.';
COMMENT ON COLUMN sprint_creep_ratio.issue_type IS 'Type of the issue, in the words of the tool.';
COMMENT ON COLUMN sprint_creep_ratio.priority IS 'Priority of the issue, in the words of the tool.';
COMMENT ON COLUMN sprint_creep_ratio.status IS 'Status of the issue now, in the words of the tool.';
COMMENT ON COLUMN sprint_creep_ratio.sprint IS 'Name of the sprint.';
COMMENT ON COLUMN sprint_creep_ratio.board IS 'Board or team that runs it.';
COMMENT ON COLUMN sprint_creep_ratio.contributor IS 'Account that the issue was assigned to when the sprint ended or the issue was taken out, a login of its source.';
COMMENT ON COLUMN sprint_creep_ratio.counted IS 'What the numerator looks at.';
COMMENT ON COLUMN sprint_creep_ratio.divisor IS 'What the denominator looks at.';
COMMENT ON COLUMN sprint_creep_ratio.known IS '1 where the row''s value is known, else 0.';

CREATE VIEW sprint_delivered AS
SELECT source,
    id,
    sprint_ended_at AS at,
    project,
    CASE WHEN entered_points <= 2 THEN 'LOW' WHEN entered_points <= 5 THEN 'MEDIUM' WHEN entered_points IS NOT NULL THEN 'HIGH' END AS complexity,
    type AS issue_type,
    priority,
    status,
    sprint,
    board,
    assignee AS contributor,
    CASE WHEN 'STORY_POINTS' = 'ISSUE_COUNT' THEN 1.0 ELSE coalesce(entered_points, 0.0) END AS counted,
    CASE WHEN ('STORY_POINTS' = 'ISSUE_COUNT' OR entered_points IS NOT NULL) THEN 1 ELSE 0 END AS known
FROM facts.sprint_items
WHERE sprint_ended_at IS NOT NULL
    AND ((NOT assignee_is_bot AND NOT coalesce(array_has(make_array(), assignee), false)) AND (sprint_is_completed) AND (seconds_after_start IS NOT NULL) AND (NOT any_match(make_array(type), '^sub-?task$')) AND (NOT done_at_entry) AND (outcome = 'DELIVERED'));
COMMENT ON VIEW sprint_delivered IS 'Effort of the issues that were in the sprint at its end and done by then: done and opened again before the end is not done. Completed sprints that ended in the period; sub-tasks, bots'' issues and what was done before it entered the sprint are left out. By story points those at entry count (without any: 0, and the coverage is lower), by ISSUE_COUNT each issue is 1. The value is sum(counted), over the rows whose "at" lies in the period.';
COMMENT ON COLUMN sprint_delivered.source IS 'Integration that sprint and issue come from.';
COMMENT ON COLUMN sprint_delivered.id IS 'Ids of sprint and issue, with a space between them.';
COMMENT ON COLUMN sprint_delivered.at IS 'The time it belongs to. When the sprint was closed; where that is not known, when it was to end.';
COMMENT ON COLUMN sprint_delivered.project IS 'Project of the issue.';
COMMENT ON COLUMN sprint_delivered.complexity IS 'The key in the dimension COMPLEXITY.';
COMMENT ON COLUMN sprint_delivered.issue_type IS 'Type of the issue, in the words of the tool.';
COMMENT ON COLUMN sprint_delivered.priority IS 'Priority of the issue, in the words of the tool.';
COMMENT ON COLUMN sprint_delivered.status IS 'Status of the issue now, in the words of the tool.';
COMMENT ON COLUMN sprint_delivered.sprint IS 'Name of the sprint.';
COMMENT ON COLUMN sprint_delivered.board IS 'Board or team that runs it.';
COMMENT ON COLUMN sprint_delivered.contributor IS 'Account that the issue was assigned to when the sprint ended or the issue was taken out, a login of its source.';
COMMENT ON COLUMN sprint_delivered.counted IS 'What the numerator looks at.';
COMMENT ON COLUMN sprint_delivered.known IS '1 where the row''s value is known, else 0.';

CREATE VIEW sprint_delivered_commit AS
SELECT source,
    id,
    sprint_ended_at AS at,
    project,
    CASE WHEN entered_points <= 2 THEN 'LOW' WHEN entered_points <= 5 THEN 'MEDIUM' WHEN entered_points IS NOT NULL THEN 'HIGH' END AS complexity,
    type AS issue_type,
    priority,
    status,
    sprint,
    board,
    assignee AS contributor,
    CASE WHEN 'STORY_POINTS' = 'ISSUE_COUNT' THEN 1.0 ELSE coalesce(entered_points, 0.0) END AS counted,
    CASE WHEN ('STORY_POINTS' = 'ISSUE_COUNT' OR entered_points IS NOT NULL) THEN 1 ELSE 0 END AS known
FROM facts.sprint_items
WHERE sprint_ended_at IS NOT NULL
    AND ((NOT assignee_is_bot AND NOT coalesce(array_has(make_array(), assignee), false)) AND (sprint_is_completed) AND (seconds_after_start IS NOT NULL) AND (NOT any_match(make_array(type), '^sub-?task$')) AND (NOT done_at_entry) AND (seconds_after_start <= 86400) AND (outcome = 'DELIVERED'));
COMMENT ON VIEW sprint_delivered_commit IS 'The part of what was delivered that belongs to the commit. Completed sprints that ended in the period; sub-tasks, bots'' issues and what was done before it entered the sprint are left out. By story points those at entry count (without any: 0, and the coverage is lower), by ISSUE_COUNT each issue is 1. The value is sum(counted), over the rows whose "at" lies in the period.';
COMMENT ON COLUMN sprint_delivered_commit.source IS 'Integration that sprint and issue come from.';
COMMENT ON COLUMN sprint_delivered_commit.id IS 'Ids of sprint and issue, with a space between them.';
COMMENT ON COLUMN sprint_delivered_commit.at IS 'The time it belongs to. When the sprint was closed; where that is not known, when it was to end.';
COMMENT ON COLUMN sprint_delivered_commit.project IS 'Project of the issue.';
COMMENT ON COLUMN sprint_delivered_commit.complexity IS 'The key in the dimension COMPLEXITY.';
COMMENT ON COLUMN sprint_delivered_commit.issue_type IS 'Type of the issue, in the words of the tool.';
COMMENT ON COLUMN sprint_delivered_commit.priority IS 'Priority of the issue, in the words of the tool.';
COMMENT ON COLUMN sprint_delivered_commit.status IS 'Status of the issue now, in the words of the tool.';
COMMENT ON COLUMN sprint_delivered_commit.sprint IS 'Name of the sprint.';
COMMENT ON COLUMN sprint_delivered_commit.board IS 'Board or team that runs it.';
COMMENT ON COLUMN sprint_delivered_commit.contributor IS 'Account that the issue was assigned to when the sprint ended or the issue was taken out, a login of its source.';
COMMENT ON COLUMN sprint_delivered_commit.counted IS 'What the numerator looks at.';
COMMENT ON COLUMN sprint_delivered_commit.known IS '1 where the row''s value is known, else 0.';

CREATE VIEW sprint_delivered_creep AS
SELECT source,
    id,
    sprint_ended_at AS at,
    project,
    CASE WHEN entered_points <= 2 THEN 'LOW' WHEN entered_points <= 5 THEN 'MEDIUM' WHEN entered_points IS NOT NULL THEN 'HIGH' END AS complexity,
    type AS issue_type,
    priority,
    status,
    sprint,
    board,
    assignee AS contributor,
    CASE WHEN 'STORY_POINTS' = 'ISSUE_COUNT' THEN 1.0 ELSE coalesce(entered_points, 0.0) END AS counted,
    CASE WHEN ('STORY_POINTS' = 'ISSUE_COUNT' OR entered_points IS NOT NULL) THEN 1 ELSE 0 END AS known
FROM facts.sprint_items
WHERE sprint_ended_at IS NOT NULL
    AND ((NOT assignee_is_bot AND NOT coalesce(array_has(make_array(), assignee), false)) AND (sprint_is_completed) AND (seconds_after_start IS NOT NULL) AND (NOT any_match(make_array(type), '^sub-?task$')) AND (NOT done_at_entry) AND (seconds_after_start > 86400) AND (outcome = 'DELIVERED'));
COMMENT ON VIEW sprint_delivered_creep IS 'The part of what was delivered that belongs to the creep. Completed sprints that ended in the period; sub-tasks, bots'' issues and what was done before it entered the sprint are left out. By story points those at entry count (without any: 0, and the coverage is lower), by ISSUE_COUNT each issue is 1. The value is sum(counted), over the rows whose "at" lies in the period.';
COMMENT ON COLUMN sprint_delivered_creep.source IS 'Integration that sprint and issue come from.';
COMMENT ON COLUMN sprint_delivered_creep.id IS 'Ids of sprint and issue, with a space between them.';
COMMENT ON COLUMN sprint_delivered_creep.at IS 'The time it belongs to. When the sprint was closed; where that is not known, when it was to end.';
COMMENT ON COLUMN sprint_delivered_creep.project IS 'Project of the issue.';
COMMENT ON COLUMN sprint_delivered_creep.complexity IS 'The key in the dimension COMPLEXITY.';
COMMENT ON COLUMN sprint_delivered_creep.issue_type IS 'Type of the issue, in the words of the tool.';
COMMENT ON COLUMN sprint_delivered_creep.priority IS 'Priority of the issue, in the words of the tool.';
COMMENT ON COLUMN sprint_delivered_creep.status IS 'Status of the issue now, in the words of the tool.';
COMMENT ON COLUMN sprint_delivered_creep.sprint IS 'Name of the sprint.';
COMMENT ON COLUMN sprint_delivered_creep.board IS 'Board or team that runs it.';
COMMENT ON COLUMN sprint_delivered_creep.contributor IS 'Account that the issue was assigned to when the sprint ended or the issue was taken out, a login of its source.';
COMMENT ON COLUMN sprint_delivered_creep.counted IS 'What the numerator looks at.';
COMMENT ON COLUMN sprint_delivered_creep.known IS '1 where the row''s value is known, else 0.';

CREATE VIEW sprint_delivered_to_commit AS
SELECT source,
    id,
    sprint_ended_at AS at,
    project,
    CASE WHEN entered_points <= 2 THEN 'LOW' WHEN entered_points <= 5 THEN 'MEDIUM' WHEN entered_points IS NOT NULL THEN 'HIGH' END AS complexity,
    type AS issue_type,
    priority,
    status,
    sprint,
    board,
    assignee AS contributor,
    CASE WHEN outcome = 'DELIVERED' THEN CASE WHEN 'STORY_POINTS' = 'ISSUE_COUNT' THEN 1.0 ELSE coalesce(entered_points, 0.0) END END AS counted,
    CASE WHEN seconds_after_start <= 86400 THEN CASE WHEN 'STORY_POINTS' = 'ISSUE_COUNT' THEN 1.0 ELSE coalesce(entered_points, 0.0) END END AS divisor,
    CASE WHEN ('STORY_POINTS' = 'ISSUE_COUNT' OR entered_points IS NOT NULL) THEN 1 ELSE 0 END AS known
FROM facts.sprint_items
WHERE sprint_ended_at IS NOT NULL
    AND ((NOT assignee_is_bot AND NOT coalesce(array_has(make_array(), assignee), false)) AND (sprint_is_completed) AND (seconds_after_start IS NOT NULL) AND (NOT any_match(make_array(type), '^sub-?task$')) AND (NOT done_at_entry));
COMMENT ON VIEW sprint_delivered_to_commit IS 'Delivered, commit and creep, divided by commit; it can be above 1. Completed sprints that ended in the period; sub-tasks, bots'' issues and what was done before it entered the sprint are left out. By story points those at entry count (without any: 0, and the coverage is lower), by ISSUE_COUNT each issue is 1. The value is CAST(sum(counted) AS DOUBLE) / nullif(sum(divisor), 0), over the rows whose "at" lies in the period.';
COMMENT ON COLUMN sprint_delivered_to_commit.source IS 'Integration that sprint and issue come from.';
COMMENT ON COLUMN sprint_delivered_to_commit.id IS 'Ids of sprint and issue, with a space between them.';
COMMENT ON COLUMN sprint_delivered_to_commit.at IS 'The time it belongs to. When the sprint was closed; where that is not known, when it was to end.';
COMMENT ON COLUMN sprint_delivered_to_commit.project IS 'Project of the issue.';
COMMENT ON COLUMN sprint_delivered_to_commit.complexity IS 'The key in the dimension COMPLEXITY.';
COMMENT ON COLUMN sprint_delivered_to_commit.issue_type IS 'Type of the issue, in the words of the tool.';
COMMENT ON COLUMN sprint_delivered_to_commit.priority IS 'Priority of the issue, in the words of the tool.';
COMMENT ON COLUMN sprint_delivered_to_commit.status IS 'Status of the issue now, in the words of the tool.';
COMMENT ON COLUMN sprint_delivered_to_commit.sprint IS 'Name of the sprint.';
COMMENT ON COLUMN sprint_delivered_to_commit.board IS 'Board or team that runs it.';
COMMENT ON COLUMN sprint_delivered_to_commit.contributor IS 'Account that the issue was assigned to when the sprint ended or the issue was taken out, a login of its source.';
COMMENT ON COLUMN sprint_delivered_to_commit.counted IS 'What the numerator looks at.';
COMMENT ON COLUMN sprint_delivered_to_commit.divisor IS 'What the denominator looks at.';
COMMENT ON COLUMN sprint_delivered_to_commit.known IS '1 where the row''s value is known, else 0.';

CREATE VIEW sprint_delivered_to_size AS
SELECT source,
    id,
    sprint_ended_at AS at,
    project,
    CASE WHEN entered_points <= 2 THEN 'LOW' WHEN entered_points <= 5 THEN 'MEDIUM' WHEN entered_points IS NOT NULL THEN 'HIGH' END AS complexity,
    type AS issue_type,
    priority,
    status,
    sprint,
    board,
    assignee AS contributor,
    CASE WHEN outcome = 'DELIVERED' THEN CASE WHEN 'STORY_POINTS' = 'ISSUE_COUNT' THEN 1.0 ELSE coalesce(entered_points, 0.0) END END AS counted,
    CASE WHEN 'STORY_POINTS' = 'ISSUE_COUNT' THEN 1.0 ELSE coalesce(entered_points, 0.0) END AS divisor,
    CASE WHEN ('STORY_POINTS' = 'ISSUE_COUNT' OR entered_points IS NOT NULL) THEN 1 ELSE 0 END AS known
FROM facts.sprint_items
WHERE sprint_ended_at IS NOT NULL
    AND ((NOT assignee_is_bot AND NOT coalesce(array_has(make_array(), assignee), false)) AND (sprint_is_completed) AND (seconds_after_start IS NOT NULL) AND (NOT any_match(make_array(type), '^sub-?task$')) AND (NOT done_at_entry));
COMMENT ON VIEW sprint_delivered_to_size IS 'Delivered divided by size. Completed sprints that ended in the period; sub-tasks, bots'' issues and what was done before it entered the sprint are left out. By story points those at entry count (without any: 0, and the coverage is lower), by ISSUE_COUNT each issue is 1. The value is CAST(sum(counted) AS DOUBLE) / nullif(sum(divisor), 0), over the rows whose "at" lies in the period.';
COMMENT ON COLUMN sprint_delivered_to_size.source IS 'Integration that sprint and issue come from.';
COMMENT ON COLUMN sprint_delivered_to_size.id IS 'Ids of sprint and issue, with a space between them.';
COMMENT ON COLUMN sprint_delivered_to_size.at IS 'The time it belongs to. When the sprint was closed; where that is not known, when it was to end.';
COMMENT ON COLUMN sprint_delivered_to_size.project IS 'Project of the issue.';
COMMENT ON COLUMN sprint_delivered_to_size.complexity IS 'The key in the dimension COMPLEXITY.';
COMMENT ON COLUMN sprint_delivered_to_size.issue_type IS 'Type of the issue, in the words of the tool.';
COMMENT ON COLUMN sprint_delivered_to_size.priority IS 'Priority of the issue, in the words of the tool.';
COMMENT ON COLUMN sprint_delivered_to_size.status IS 'Status of the issue now, in the words of the tool.';
COMMENT ON COLUMN sprint_delivered_to_size.sprint IS 'Name of the sprint.';
COMMENT ON COLUMN sprint_delivered_to_size.board IS 'Board or team that runs it.';
COMMENT ON COLUMN sprint_delivered_to_size.contributor IS 'Account that the issue was assigned to when the sprint ended or the issue was taken out, a login of its source.';
COMMENT ON COLUMN sprint_delivered_to_size.counted IS 'What the numerator looks at.';
COMMENT ON COLUMN sprint_delivered_to_size.divisor IS 'What the denominator looks at.';
COMMENT ON COLUMN sprint_delivered_to_size.known IS '1 where the row''s value is known, else 0.';

CREATE VIEW sprint_missed AS
SELECT source,
    id,
    sprint_ended_at AS at,
    project,
    CASE WHEN entered_points <= 2 THEN 'LOW' WHEN entered_points <= 5 THEN 'MEDIUM' WHEN entered_points IS NOT NULL THEN 'HIGH' END AS complexity,
    type AS issue_type,
    priority,
    status,
    sprint,
    board,
    assignee AS contributor,
    CASE WHEN 'STORY_POINTS' = 'ISSUE_COUNT' THEN 1.0 ELSE coalesce(entered_points, 0.0) END AS counted,
    CASE WHEN ('STORY_POINTS' = 'ISSUE_COUNT' OR entered_points IS NOT NULL) THEN 1 ELSE 0 END AS known
FROM facts.sprint_items
WHERE sprint_ended_at IS NOT NULL
    AND ((NOT assignee_is_bot AND NOT coalesce(array_has(make_array(), assignee), false)) AND (sprint_is_completed) AND (seconds_after_start IS NOT NULL) AND (NOT any_match(make_array(type), '^sub-?task$')) AND (NOT done_at_entry) AND (outcome = 'MISSED'));
COMMENT ON VIEW sprint_missed IS 'Effort of the issues that were in the sprint at its end and not done by then. Completed sprints that ended in the period; sub-tasks, bots'' issues and what was done before it entered the sprint are left out. By story points those at entry count (without any: 0, and the coverage is lower), by ISSUE_COUNT each issue is 1. The value is sum(counted), over the rows whose "at" lies in the period.';
COMMENT ON COLUMN sprint_missed.source IS 'Integration that sprint and issue come from.';
COMMENT ON COLUMN sprint_missed.id IS 'Ids of sprint and issue, with a space between them.';
COMMENT ON COLUMN sprint_missed.at IS 'The time it belongs to. When the sprint was closed; where that is not known, when it was to end.';
COMMENT ON COLUMN sprint_missed.project IS 'Project of the issue.';
COMMENT ON COLUMN sprint_missed.complexity IS 'The key in the dimension COMPLEXITY.';
COMMENT ON COLUMN sprint_missed.issue_type IS 'Type of the issue, in the words of the tool.';
COMMENT ON COLUMN sprint_missed.priority IS 'Priority of the issue, in the words of the tool.';
COMMENT ON COLUMN sprint_missed.status IS 'Status of the issue now, in the words of the tool.';
COMMENT ON COLUMN sprint_missed.sprint IS 'Name of the sprint.';
COMMENT ON COLUMN sprint_missed.board IS 'Board or team that runs it.';
COMMENT ON COLUMN sprint_missed.contributor IS 'Account that the issue was assigned to when the sprint ended or the issue was taken out, a login of its source.';
COMMENT ON COLUMN sprint_missed.counted IS 'What the numerator looks at.';
COMMENT ON COLUMN sprint_missed.known IS '1 where the row''s value is known, else 0.';

CREATE VIEW sprint_missed_commit AS
SELECT source,
    id,
    sprint_ended_at AS at,
    project,
    CASE WHEN entered_points <= 2 THEN 'LOW' WHEN entered_points <= 5 THEN 'MEDIUM' WHEN entered_points IS NOT NULL THEN 'HIGH' END AS complexity,
    type AS issue_type,
    priority,
    status,
    sprint,
    board,
    assignee AS contributor,
    CASE WHEN 'STORY_POINTS' = 'ISSUE_COUNT' THEN 1.0 ELSE coalesce(entered_points, 0.0) END AS counted,
    CASE WHEN ('STORY_POINTS' = 'ISSUE_COUNT' OR entered_points IS NOT NULL) THEN 1 ELSE 0 END AS known
FROM facts.sprint_items
WHERE sprint_ended_at IS NOT NULL
    AND ((NOT assignee_is_bot AND NOT coalesce(array_has(make_array(), assignee), false)) AND (sprint_is_completed) AND (seconds_after_start IS NOT NULL) AND (NOT any_match(make_array(type), '^sub-?task$')) AND (NOT done_at_entry) AND (seconds_after_start <= 86400) AND (outcome = 'MISSED'));
COMMENT ON VIEW sprint_missed_commit IS 'The part of what was missed that belongs to the commit. Completed sprints that ended in the period; sub-tasks, bots'' issues and what was done before it entered the sprint are left out. By story points those at entry count (without any: 0, and the coverage is lower), by ISSUE_COUNT each issue is 1. The value is sum(counted), over the rows whose "at" lies in the period.';
COMMENT ON COLUMN sprint_missed_commit.source IS 'Integration that sprint and issue come from.';
COMMENT ON COLUMN sprint_missed_commit.id IS 'Ids of sprint and issue, with a space between them.';
COMMENT ON COLUMN sprint_missed_commit.at IS 'The time it belongs to. When the sprint was closed; where that is not known, when it was to end.';
COMMENT ON COLUMN sprint_missed_commit.project IS 'Project of the issue.';
COMMENT ON COLUMN sprint_missed_commit.complexity IS 'The key in the dimension COMPLEXITY.';
COMMENT ON COLUMN sprint_missed_commit.issue_type IS 'Type of the issue, in the words of the tool.';
COMMENT ON COLUMN sprint_missed_commit.priority IS 'Priority of the issue, in the words of the tool.';
COMMENT ON COLUMN sprint_missed_commit.status IS 'Status of the issue now, in the words of the tool.';
COMMENT ON COLUMN sprint_missed_commit.sprint IS 'Name of the sprint.';
COMMENT ON COLUMN sprint_missed_commit.board IS 'Board or team that runs it.';
COMMENT ON COLUMN sprint_missed_commit.contributor IS 'Account that the issue was assigned to when the sprint ended or the issue was taken out, a login of its source.';
COMMENT ON COLUMN sprint_missed_commit.counted IS 'What the numerator looks at.';
COMMENT ON COLUMN sprint_missed_commit.known IS '1 where the row''s value is known, else 0.';

CREATE VIEW sprint_missed_creep AS
SELECT source,
    id,
    sprint_ended_at AS at,
    project,
    CASE WHEN entered_points <= 2 THEN 'LOW' WHEN entered_points <= 5 THEN 'MEDIUM' WHEN entered_points IS NOT NULL THEN 'HIGH' END AS complexity,
    type AS issue_type,
    priority,
    status,
    sprint,
    board,
    assignee AS contributor,
    CASE WHEN 'STORY_POINTS' = 'ISSUE_COUNT' THEN 1.0 ELSE coalesce(entered_points, 0.0) END AS counted,
    CASE WHEN ('STORY_POINTS' = 'ISSUE_COUNT' OR entered_points IS NOT NULL) THEN 1 ELSE 0 END AS known
FROM facts.sprint_items
WHERE sprint_ended_at IS NOT NULL
    AND ((NOT assignee_is_bot AND NOT coalesce(array_has(make_array(), assignee), false)) AND (sprint_is_completed) AND (seconds_after_start IS NOT NULL) AND (NOT any_match(make_array(type), '^sub-?task$')) AND (NOT done_at_entry) AND (seconds_after_start > 86400) AND (outcome = 'MISSED'));
COMMENT ON VIEW sprint_missed_creep IS 'The part of what was missed that belongs to the creep. Completed sprints that ended in the period; sub-tasks, bots'' issues and what was done before it entered the sprint are left out. By story points those at entry count (without any: 0, and the coverage is lower), by ISSUE_COUNT each issue is 1. The value is sum(counted), over the rows whose "at" lies in the period.';
COMMENT ON COLUMN sprint_missed_creep.source IS 'Integration that sprint and issue come from.';
COMMENT ON COLUMN sprint_missed_creep.id IS 'Ids of sprint and issue, with a space between them.';
COMMENT ON COLUMN sprint_missed_creep.at IS 'The time it belongs to. When the sprint was closed; where that is not known, when it was to end.';
COMMENT ON COLUMN sprint_missed_creep.project IS 'Project of the issue.';
COMMENT ON COLUMN sprint_missed_creep.complexity IS 'The key in the dimension COMPLEXITY.';
COMMENT ON COLUMN sprint_missed_creep.issue_type IS 'Type of the issue, in the words of the tool.';
COMMENT ON COLUMN sprint_missed_creep.priority IS 'Priority of the issue, in the words of the tool.';
COMMENT ON COLUMN sprint_missed_creep.status IS 'Status of the issue now, in the words of the tool.';
COMMENT ON COLUMN sprint_missed_creep.sprint IS 'Name of the sprint.';
COMMENT ON COLUMN sprint_missed_creep.board IS 'Board or team that runs it.';
COMMENT ON COLUMN sprint_missed_creep.contributor IS 'Account that the issue was assigned to when the sprint ended or the issue was taken out, a login of its source.';
COMMENT ON COLUMN sprint_missed_creep.counted IS 'What the numerator looks at.';
COMMENT ON COLUMN sprint_missed_creep.known IS '1 where the row''s value is known, else 0.';

CREATE VIEW sprint_predictability AS
SELECT source,
    id,
    sprint_ended_at AS at,
    project,
    CASE WHEN entered_points <= 2 THEN 'LOW' WHEN entered_points <= 5 THEN 'MEDIUM' WHEN entered_points IS NOT NULL THEN 'HIGH' END AS complexity,
    type AS issue_type,
    priority,
    status,
    sprint,
    board,
    assignee AS contributor,
    sprint_key AS counted,
    CASE WHEN outcome = 'DELIVERED' THEN CASE WHEN 'STORY_POINTS' = 'ISSUE_COUNT' THEN 1.0 ELSE coalesce(entered_points, 0.0) END ELSE 0.0 END AS counted_2,
    CASE WHEN seconds_after_start <= 86400 THEN CASE WHEN 'STORY_POINTS' = 'ISSUE_COUNT' THEN 1.0 ELSE coalesce(entered_points, 0.0) END ELSE 0.0 END AS counted_3,
    CASE WHEN ('STORY_POINTS' = 'ISSUE_COUNT' OR entered_points IS NOT NULL) THEN 1 ELSE 0 END AS known
FROM facts.sprint_items
WHERE sprint_ended_at IS NOT NULL
    AND ((NOT assignee_is_bot AND NOT coalesce(array_has(make_array(), assignee), false)) AND (sprint_is_completed) AND (seconds_after_start IS NOT NULL) AND (NOT any_match(make_array(type), '^sub-?task$')) AND (NOT done_at_entry));
COMMENT ON VIEW sprint_predictability IS 'Population standard deviation, over sprints, of delivered divided by commit. Sprints without a commit are left out; of one sprint it is 0. Completed sprints that ended in the period; sub-tasks, bots'' issues and what was done before it entered the sprint are left out. By story points those at entry count (without any: 0, and the coverage is lower), by ISSUE_COUNT each issue is 1. The value is spread(counted, counted_2, counted_3), over the rows whose "at" lies in the period. spread(k, a, b) is the population standard deviation, over the keys k, of sum(a) / sum(b); keys of which sum(b) is not above 0 are left out.';
COMMENT ON COLUMN sprint_predictability.source IS 'Integration that sprint and issue come from.';
COMMENT ON COLUMN sprint_predictability.id IS 'Ids of sprint and issue, with a space between them.';
COMMENT ON COLUMN sprint_predictability.at IS 'The time it belongs to. When the sprint was closed; where that is not known, when it was to end.';
COMMENT ON COLUMN sprint_predictability.project IS 'Project of the issue.';
COMMENT ON COLUMN sprint_predictability.complexity IS 'The key in the dimension COMPLEXITY.';
COMMENT ON COLUMN sprint_predictability.issue_type IS 'Type of the issue, in the words of the tool.';
COMMENT ON COLUMN sprint_predictability.priority IS 'Priority of the issue, in the words of the tool.';
COMMENT ON COLUMN sprint_predictability.status IS 'Status of the issue now, in the words of the tool.';
COMMENT ON COLUMN sprint_predictability.sprint IS 'Name of the sprint.';
COMMENT ON COLUMN sprint_predictability.board IS 'Board or team that runs it.';
COMMENT ON COLUMN sprint_predictability.contributor IS 'Account that the issue was assigned to when the sprint ended or the issue was taken out, a login of its source.';
COMMENT ON COLUMN sprint_predictability.counted IS 'What the numerator looks at.';
COMMENT ON COLUMN sprint_predictability.counted_2 IS 'What the numerator looks at.';
COMMENT ON COLUMN sprint_predictability.counted_3 IS 'What the numerator looks at.';
COMMENT ON COLUMN sprint_predictability.known IS '1 where the row''s value is known, else 0.';

CREATE VIEW sprint_removed AS
SELECT source,
    id,
    sprint_ended_at AS at,
    project,
    CASE WHEN entered_points <= 2 THEN 'LOW' WHEN entered_points <= 5 THEN 'MEDIUM' WHEN entered_points IS NOT NULL THEN 'HIGH' END AS complexity,
    type AS issue_type,
    priority,
    status,
    sprint,
    board,
    assignee AS contributor,
    CASE WHEN 'STORY_POINTS' = 'ISSUE_COUNT' THEN 1.0 ELSE coalesce(entered_points, 0.0) END AS counted,
    CASE WHEN ('STORY_POINTS' = 'ISSUE_COUNT' OR entered_points IS NOT NULL) THEN 1 ELSE 0 END AS known
FROM facts.sprint_items
WHERE sprint_ended_at IS NOT NULL
    AND ((NOT assignee_is_bot AND NOT coalesce(array_has(make_array(), assignee), false)) AND (sprint_is_completed) AND (seconds_after_start IS NOT NULL) AND (NOT any_match(make_array(type), '^sub-?task$')) AND (NOT done_at_entry) AND (outcome = 'REMOVED'));
COMMENT ON VIEW sprint_removed IS 'Effort of the issues, planned or added later, that were not in the sprint any more when it ended. What is taken out while the sprint is planned, or goes on to the next as the sprint ends, is not removed. Completed sprints that ended in the period; sub-tasks, bots'' issues and what was done before it entered the sprint are left out. By story points those at entry count (without any: 0, and the coverage is lower), by ISSUE_COUNT each issue is 1. The value is sum(counted), over the rows whose "at" lies in the period.';
COMMENT ON COLUMN sprint_removed.source IS 'Integration that sprint and issue come from.';
COMMENT ON COLUMN sprint_removed.id IS 'Ids of sprint and issue, with a space between them.';
COMMENT ON COLUMN sprint_removed.at IS 'The time it belongs to. When the sprint was closed; where that is not known, when it was to end.';
COMMENT ON COLUMN sprint_removed.project IS 'Project of the issue.';
COMMENT ON COLUMN sprint_removed.complexity IS 'The key in the dimension COMPLEXITY.';
COMMENT ON COLUMN sprint_removed.issue_type IS 'Type of the issue, in the words of the tool.';
COMMENT ON COLUMN sprint_removed.priority IS 'Priority of the issue, in the words of the tool.';
COMMENT ON COLUMN sprint_removed.status IS 'Status of the issue now, in the words of the tool.';
COMMENT ON COLUMN sprint_removed.sprint IS 'Name of the sprint.';
COMMENT ON COLUMN sprint_removed.board IS 'Board or team that runs it.';
COMMENT ON COLUMN sprint_removed.contributor IS 'Account that the issue was assigned to when the sprint ended or the issue was taken out, a login of its source.';
COMMENT ON COLUMN sprint_removed.counted IS 'What the numerator looks at.';
COMMENT ON COLUMN sprint_removed.known IS '1 where the row''s value is known, else 0.';

CREATE VIEW sprint_size AS
SELECT source,
    id,
    sprint_ended_at AS at,
    project,
    CASE WHEN entered_points <= 2 THEN 'LOW' WHEN entered_points <= 5 THEN 'MEDIUM' WHEN entered_points IS NOT NULL THEN 'HIGH' END AS complexity,
    type AS issue_type,
    priority,
    status,
    sprint,
    board,
    assignee AS contributor,
    CASE WHEN 'STORY_POINTS' = 'ISSUE_COUNT' THEN 1.0 ELSE coalesce(entered_points, 0.0) END AS counted,
    CASE WHEN ('STORY_POINTS' = 'ISSUE_COUNT' OR entered_points IS NOT NULL) THEN 1 ELSE 0 END AS known
FROM facts.sprint_items
WHERE sprint_ended_at IS NOT NULL
    AND ((NOT assignee_is_bot AND NOT coalesce(array_has(make_array(), assignee), false)) AND (sprint_is_completed) AND (seconds_after_start IS NOT NULL) AND (NOT any_match(make_array(type), '^sub-?task$')) AND (NOT done_at_entry));
COMMENT ON VIEW sprint_size IS 'Commit plus creep: effort of all issues that were in a sprint during the sprint. It is delivered, missed and removed together. Completed sprints that ended in the period; sub-tasks, bots'' issues and what was done before it entered the sprint are left out. By story points those at entry count (without any: 0, and the coverage is lower), by ISSUE_COUNT each issue is 1. The value is sum(counted), over the rows whose "at" lies in the period.';
COMMENT ON COLUMN sprint_size.source IS 'Integration that sprint and issue come from.';
COMMENT ON COLUMN sprint_size.id IS 'Ids of sprint and issue, with a space between them.';
COMMENT ON COLUMN sprint_size.at IS 'The time it belongs to. When the sprint was closed; where that is not known, when it was to end.';
COMMENT ON COLUMN sprint_size.project IS 'Project of the issue.';
COMMENT ON COLUMN sprint_size.complexity IS 'The key in the dimension COMPLEXITY.';
COMMENT ON COLUMN sprint_size.issue_type IS 'Type of the issue, in the words of the tool.';
COMMENT ON COLUMN sprint_size.priority IS 'Priority of the issue, in the words of the tool.';
COMMENT ON COLUMN sprint_size.status IS 'Status of the issue now, in the words of the tool.';
COMMENT ON COLUMN sprint_size.sprint IS 'Name of the sprint.';
COMMENT ON COLUMN sprint_size.board IS 'Board or team that runs it.';
COMMENT ON COLUMN sprint_size.contributor IS 'Account that the issue was assigned to when the sprint ended or the issue was taken out, a login of its source.';
COMMENT ON COLUMN sprint_size.counted IS 'What the numerator looks at.';
COMMENT ON COLUMN sprint_size.known IS '1 where the row''s value is known, else 0.';

CREATE VIEW sprint_velocity AS
SELECT source,
    id,
    sprint_ended_at AS at,
    project,
    CASE WHEN entered_points <= 2 THEN 'LOW' WHEN entered_points <= 5 THEN 'MEDIUM' WHEN entered_points IS NOT NULL THEN 'HIGH' END AS complexity,
    type AS issue_type,
    priority,
    status,
    sprint,
    board,
    assignee AS contributor,
    CASE WHEN outcome = 'DELIVERED' THEN CASE WHEN 'STORY_POINTS' = 'ISSUE_COUNT' THEN 1.0 ELSE coalesce(entered_points, 0.0) END END AS counted,
    sprint_key AS divisor,
    CASE WHEN ('STORY_POINTS' = 'ISSUE_COUNT' OR entered_points IS NOT NULL) THEN 1 ELSE 0 END AS known
FROM facts.sprint_items
WHERE sprint_ended_at IS NOT NULL
    AND ((NOT assignee_is_bot AND NOT coalesce(array_has(make_array(), assignee), false)) AND (sprint_is_completed) AND (seconds_after_start IS NOT NULL) AND (NOT any_match(make_array(type), '^sub-?task$')) AND (NOT done_at_entry));
COMMENT ON VIEW sprint_velocity IS 'Delivered divided by the number of sprints, of those in which the scope had an issue that counts. Completed sprints that ended in the period; sub-tasks, bots'' issues and what was done before it entered the sprint are left out. By story points those at entry count (without any: 0, and the coverage is lower), by ISSUE_COUNT each issue is 1. The value is CAST(sum(counted) AS DOUBLE) / nullif(count(DISTINCT divisor), 0), over the rows whose "at" lies in the period.';
COMMENT ON COLUMN sprint_velocity.source IS 'Integration that sprint and issue come from.';
COMMENT ON COLUMN sprint_velocity.id IS 'Ids of sprint and issue, with a space between them.';
COMMENT ON COLUMN sprint_velocity.at IS 'The time it belongs to. When the sprint was closed; where that is not known, when it was to end.';
COMMENT ON COLUMN sprint_velocity.project IS 'Project of the issue.';
COMMENT ON COLUMN sprint_velocity.complexity IS 'The key in the dimension COMPLEXITY.';
COMMENT ON COLUMN sprint_velocity.issue_type IS 'Type of the issue, in the words of the tool.';
COMMENT ON COLUMN sprint_velocity.priority IS 'Priority of the issue, in the words of the tool.';
COMMENT ON COLUMN sprint_velocity.status IS 'Status of the issue now, in the words of the tool.';
COMMENT ON COLUMN sprint_velocity.sprint IS 'Name of the sprint.';
COMMENT ON COLUMN sprint_velocity.board IS 'Board or team that runs it.';
COMMENT ON COLUMN sprint_velocity.contributor IS 'Account that the issue was assigned to when the sprint ended or the issue was taken out, a login of its source.';
COMMENT ON COLUMN sprint_velocity.counted IS 'What the numerator looks at.';
COMMENT ON COLUMN sprint_velocity.divisor IS 'What the denominator looks at.';
COMMENT ON COLUMN sprint_velocity.known IS '1 where the row''s value is known, else 0.';

CREATE VIEW build_duration AS
SELECT source,
    id,
    finished_at AS at,
    repository,
    service,
    project,
    pipeline,
    branch,
    status,
    author AS contributor,
    duration(started_at, finished_at) / 1e6 AS seconds
FROM facts.builds
WHERE finished_at IS NOT NULL
    AND (status IN ('SUCCESS', 'FAILURE'));
COMMENT ON VIEW build_duration IS 'Finished minus started, over runs that ended in success or failure in the period, bots'' commits and repeated runs among them. Where the start is not known, or lies after the end, the duration is unknown and lowers the coverage. The value is avg(seconds) or percentile_cont(seconds, p), over the rows whose "at" lies in the period.';
COMMENT ON COLUMN build_duration.source IS 'Integration that the run comes from.';
COMMENT ON COLUMN build_duration.id IS 'Id of the run in its source.';
COMMENT ON COLUMN build_duration.at IS 'The time it belongs to. When it finished.';
COMMENT ON COLUMN build_duration.repository IS 'Repository; where the run names none, that of its commit.';
COMMENT ON COLUMN build_duration.service IS 'Service of the repository.';
COMMENT ON COLUMN build_duration.project IS 'Project of the repository.';
COMMENT ON COLUMN build_duration.pipeline IS 'Name of the pipeline.';
COMMENT ON COLUMN build_duration.branch IS 'Branch that was built.';
COMMENT ON COLUMN build_duration.status IS 'SUCCESS, FAILURE, CANCELLED or RUNNING.';
COMMENT ON COLUMN build_duration.contributor IS 'Account that wrote the commit, a login of `author_source`. Null: the commit is not known.';
COMMENT ON COLUMN build_duration.seconds IS 'The duration in seconds; null where unknown.';

CREATE VIEW build_queue_time AS
SELECT source,
    id,
    finished_at AS at,
    repository,
    service,
    project,
    pipeline,
    branch,
    status,
    author AS contributor,
    duration(queued_at, started_at) / 1e6 AS seconds
FROM facts.builds
WHERE finished_at IS NOT NULL
    AND (status IN ('SUCCESS', 'FAILURE'));
COMMENT ON VIEW build_queue_time IS 'Started minus queued, over runs that ended in success or failure in the period, bots'' commits and repeated runs among them. Where either is not known, or the start lies before the queueing, the time is unknown and lowers the coverage. The value is avg(seconds) or percentile_cont(seconds, p), over the rows whose "at" lies in the period.';
COMMENT ON COLUMN build_queue_time.source IS 'Integration that the run comes from.';
COMMENT ON COLUMN build_queue_time.id IS 'Id of the run in its source.';
COMMENT ON COLUMN build_queue_time.at IS 'The time it belongs to. When it finished.';
COMMENT ON COLUMN build_queue_time.repository IS 'Repository; where the run names none, that of its commit.';
COMMENT ON COLUMN build_queue_time.service IS 'Service of the repository.';
COMMENT ON COLUMN build_queue_time.project IS 'Project of the repository.';
COMMENT ON COLUMN build_queue_time.pipeline IS 'Name of the pipeline.';
COMMENT ON COLUMN build_queue_time.branch IS 'Branch that was built.';
COMMENT ON COLUMN build_queue_time.status IS 'SUCCESS, FAILURE, CANCELLED or RUNNING.';
COMMENT ON COLUMN build_queue_time.contributor IS 'Account that wrote the commit, a login of `author_source`. Null: the commit is not known.';
COMMENT ON COLUMN build_queue_time.seconds IS 'The duration in seconds; null where unknown.';

CREATE VIEW build_success_rate AS
SELECT source,
    id,
    finished_at AS at,
    repository,
    service,
    project,
    pipeline,
    branch,
    status,
    author AS contributor,
    CASE WHEN status = 'SUCCESS' THEN 1 ELSE 0 END AS counted
FROM facts.builds
WHERE finished_at IS NOT NULL
    AND (status IN ('SUCCESS', 'FAILURE'));
COMMENT ON VIEW build_success_rate IS 'Runs that succeeded divided by runs that ended in success or failure in the period. Cancelled runs count on neither side. Every run counts, also one of the same commit again, and one of a bot''s commit: it is the pipeline that is looked at. People have the runs of the commits that they wrote. The value is avg(counted), over the rows whose "at" lies in the period.';
COMMENT ON COLUMN build_success_rate.source IS 'Integration that the run comes from.';
COMMENT ON COLUMN build_success_rate.id IS 'Id of the run in its source.';
COMMENT ON COLUMN build_success_rate.at IS 'The time it belongs to. When it finished.';
COMMENT ON COLUMN build_success_rate.repository IS 'Repository; where the run names none, that of its commit.';
COMMENT ON COLUMN build_success_rate.service IS 'Service of the repository.';
COMMENT ON COLUMN build_success_rate.project IS 'Project of the repository.';
COMMENT ON COLUMN build_success_rate.pipeline IS 'Name of the pipeline.';
COMMENT ON COLUMN build_success_rate.branch IS 'Branch that was built.';
COMMENT ON COLUMN build_success_rate.status IS 'SUCCESS, FAILURE, CANCELLED or RUNNING.';
COMMENT ON COLUMN build_success_rate.contributor IS 'Account that wrote the commit, a login of `author_source`. Null: the commit is not known.';
COMMENT ON COLUMN build_success_rate.counted IS '1 where the numerator counts the row, else 0.';
