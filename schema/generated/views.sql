-- The SQL views of the catalogue, with the default profile's parameters. Generated from schema/; do not edit.

CREATE VIEW change_failure_rate AS
SELECT source,
    id,
    finished_at AS at,
    repositories AS repository,
    service,
    project,
    environment,
    CASE WHEN certain_failures > 0 OR latest_failure_age_seconds <= 604800 THEN 1 ELSE 0 END AS counted
FROM facts.deployments
WHERE finished_at IS NOT NULL
    AND ((tier = 'PRODUCTION') AND (status = 'SUCCESS') AND (array_has(make_array('PIPELINE', 'MERGE', 'RELEASE', 'CHANGE_REQUEST'), kind)));
COMMENT ON VIEW change_failure_rate IS 'Distinct successful production deployments with at least one attributed failure, divided by all successful production deployments of the period. Never incidents divided by deployments. The value is avg(counted), over the rows whose "at" lies in the period.';
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
    AND ((tier = 'PRODUCTION') AND (status = 'SUCCESS') AND (array_has(make_array('PIPELINE', 'MERGE', 'RELEASE', 'CHANGE_REQUEST'), kind)));
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
    CASE WHEN is_unplanned OR is_rollback OR fixes_incident OR any_match(change_labels, '^hotfix$') OR any_match(change_branches, '^hotfix') OR any_match(make_array(ref), '^hotfix') THEN 1 ELSE 0 END AS counted
FROM facts.deployments
WHERE finished_at IS NOT NULL
    AND ((tier = 'PRODUCTION') AND (status IN ('SUCCESS', 'FAILURE')) AND (array_has(make_array('PIPELINE', 'MERGE', 'RELEASE', 'CHANGE_REQUEST'), kind)));
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
    duration(CASE WHEN cause_rule <> 'LATEST' OR cause_age_seconds <= 604800 THEN cause_finished_at END, resolved_at) / 1e6 AS seconds
FROM facts.incidents
WHERE resolved_at IS NOT NULL;
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
    deployed_at AS at,
    repository,
    service,
    project,
    deployment_environment AS environment,
    author AS contributor,
    duration(first_commit_at, deployed_at) / 1e6 AS seconds,
    duration(first_commit_at, opened_at) / 1e6 AS coding_seconds,
    duration(opened_at, merged_at) / 1e6 AS review_seconds,
    duration(merged_at, last_build_finished_at) / 1e6 AS build_seconds,
    duration(coalesce(last_build_finished_at, merged_at), deployed_at) / 1e6 AS deployment_seconds
FROM facts.changes
WHERE deployed_at IS NOT NULL
    AND (NOT author_is_bot AND NOT array_has(make_array(), author));
COMMENT ON VIEW lead_time_for_changes IS 'Deployed minus first commit, over merged pull requests whose deployment finished in the period. Changes that are not deployed are left out; a missing or negative duration is unknown and lowers the coverage. The value is avg(seconds) or percentile_cont(seconds, p), over the rows whose "at" lies in the period.';
COMMENT ON COLUMN lead_time_for_changes.source IS 'Integration that the pull request comes from.';
COMMENT ON COLUMN lead_time_for_changes.id IS 'Id of the pull request in its source.';
COMMENT ON COLUMN lead_time_for_changes.at IS 'The time it belongs to. When the deployment that shipped it finished.';
COMMENT ON COLUMN lead_time_for_changes.repository IS 'Repository.';
COMMENT ON COLUMN lead_time_for_changes.service IS 'Service of the repository.';
COMMENT ON COLUMN lead_time_for_changes.project IS 'Project of the repository.';
COMMENT ON COLUMN lead_time_for_changes.environment IS 'Environment of the deployment.';
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
WHERE resolved_at IS NOT NULL;
COMMENT ON VIEW time_to_restore_service IS 'Resolved minus created, over all production incidents resolved in the period. The value is avg(seconds) or percentile_cont(seconds, p), over the rows whose "at" lies in the period.';
COMMENT ON COLUMN time_to_restore_service.source IS 'Integration that the incident comes from.';
COMMENT ON COLUMN time_to_restore_service.id IS 'Id of the incident in its source.';
COMMENT ON COLUMN time_to_restore_service.at IS 'The time it belongs to. When service was restored.';
COMMENT ON COLUMN time_to_restore_service.repository IS 'Repositories of the cause; without one, the repositories of the incident''s service.';
COMMENT ON COLUMN time_to_restore_service.service IS 'Service that suffered.';
COMMENT ON COLUMN time_to_restore_service.project IS 'Project.';
COMMENT ON COLUMN time_to_restore_service.environment IS 'Environment of the cause.';
COMMENT ON COLUMN time_to_restore_service.seconds IS 'The duration in seconds; null where unknown.';

CREATE VIEW pull_request_cycle_time AS
SELECT source,
    id,
    merged_at AS at,
    repository,
    service,
    project,
    deployment_environment AS environment,
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
COMMENT ON COLUMN pull_request_cycle_time.environment IS 'Environment of the deployment.';
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
    deployment_environment AS environment,
    author AS contributor,
    1 AS counted
FROM facts.changes
WHERE merged_at IS NOT NULL
    AND (NOT author_is_bot AND NOT array_has(make_array(), author));
COMMENT ON VIEW pull_request_velocity IS 'Merged pull requests, bots'' left out, divided by the weeks that the developers of the scope spent there during the period: of a team the members, each for the days of the membership; of the organisation everybody, while they were there. Null for repositories and services, which have no members. The value is sum(counted) divided by the weeks that developers spent there, which no view tells, over the rows whose "at" lies in the period.';
COMMENT ON COLUMN pull_request_velocity.source IS 'Integration that the pull request comes from.';
COMMENT ON COLUMN pull_request_velocity.id IS 'Id of the pull request in its source.';
COMMENT ON COLUMN pull_request_velocity.at IS 'The time it belongs to. When it was merged.';
COMMENT ON COLUMN pull_request_velocity.repository IS 'Repository.';
COMMENT ON COLUMN pull_request_velocity.service IS 'Service of the repository.';
COMMENT ON COLUMN pull_request_velocity.project IS 'Project of the repository.';
COMMENT ON COLUMN pull_request_velocity.environment IS 'Environment of the deployment.';
COMMENT ON COLUMN pull_request_velocity.contributor IS 'Account that opened it, a login of its source.';
COMMENT ON COLUMN pull_request_velocity.counted IS '1 where the numerator counts the row, else 0.';
