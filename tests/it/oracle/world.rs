//! A small lake as plain rows: every version of every row of the tables that metrics need, in no
//! particular order. Leaves it to `generate` to invent them and to `files` to write them.

use std::path::Path;

use throughline::model;

use super::record::{At, Cell, Read, Record, Row};

/// Declares the own columns of the tables, and the world that holds their rows.
macro_rules! tables {
    ($($table:ident: $record:ident { $($column:ident: $kind:ty),* $(,)? })*) => {
        $(
            #[derive(Debug, Clone, PartialEq, Default)]
            pub struct $record { $(pub $column: $kind),* }

            impl Record for $record {
                const TABLE: &'static str = stringify!($table);
                fn cells(&self) -> Vec<(&'static str, Cell)> {
                    vec![$((stringify!($column).trim_start_matches("r#"), self.$column.clone().into())),*]
                }
                fn read(text: &dyn Fn(&str) -> Option<String>) -> Self {
                    $record { $($column: Read::read(text(stringify!($column).trim_start_matches("r#")))),* }
                }
            }
        )*

        /// Every version of every row.
        #[derive(Debug, Clone, PartialEq, Default)]
        pub struct World { $(pub $table: Vec<Row<$record>>),* }

        impl World {
            /// Rows of all tables, as cells, by table.
            pub fn tables(&self) -> Vec<(&'static str, Vec<Vec<(&'static str, Cell)>>)> {
                vec![$((stringify!($table), self.$table.iter().map(Row::cells).collect())),*]
            }

            /// Adds the rows of a CSV file of a table.
            pub fn add_csv(&mut self, table: &str, text: &str) {
                match table {
                    $(stringify!($table) => self.$table.extend(super::csv::rows(text)),)*
                    other => panic!("no table {other} in a world"),
                }
            }

            /// Number of row versions.
            pub fn len(&self) -> usize {
                0 $(+ self.$table.len())*
            }

            /// The same world without the row versions at these positions (counted over all tables).
            pub fn without(&self, gone: std::ops::Range<usize>) -> World {
                let mut position = 0..;
                World {
                    $($table: self.$table.iter()
                        .filter(|_| !position.next().is_some_and(|at| gone.contains(&at))).cloned().collect(),)*
                }
            }

            /// What the world looks like when all has come in: the latest version of each row, without the removed.
            pub fn latest(&self) -> World {
                World { $($table: latest(&self.$table)),* }
            }

            /// The world as text, one row a line.
            pub fn text(&self) -> String {
                let mut lines: Vec<String> = Vec::new();
                $(lines.extend(self.$table.iter().map(Row::line));)*
                lines.join("\n")
            }
        }
    };
}

tables! {
    repositories: Repository { name: String, default_branch: Option<String>, service: Option<String>, project: Option<String> }
    accounts: Account { login: String, name: Option<String>, email: Option<String>, kind: Option<&'static str> }
    commits: Commit {
        repository: String, author: String, authored_at: Option<At>, authored_offset_minutes: Option<i64>,
        committed_at: Option<At>, additions: Option<i64>, deletions: Option<i64>, files_changed: Option<i64>,
        parents: Vec<String>, is_merge: Option<bool>, message: Option<String>,
    }
    commit_files: CommitFile {
        commit: String, path: String, additions: Option<i64>, deletions: Option<i64>, previous_path: Option<String>,
    }
    pull_requests: PullRequest {
        repository: String, number: Option<i64>, title: Option<String>, author: String, state: &'static str,
        draft: Option<bool>, created_at: Option<At>, ready_at: Option<At>, first_commit_at: Option<At>,
        merged_at: Option<At>, closed_at: Option<At>, merge_commit: Option<String>, base_branch: Option<String>,
        head_branch: Option<String>, additions: Option<i64>, deletions: Option<i64>, changed_files: Option<i64>,
        labels: Vec<String>, issues: Vec<String>,
    }
    pull_request_commits: PullRequestCommit { pull_request: String, commit: String, author: Option<String>, authored_at: Option<At> }
    reviews: Review { pull_request: String, reviewer: String, state: &'static str, submitted_at: Option<At> }
    comments: Comment { pull_request: String, author: String, created_at: Option<At>, kind: Option<&'static str> }
    builds: Build {
        pipeline: String, repository: Option<String>, commit: Option<String>, branch: Option<String>,
        status: &'static str, queued_at: Option<At>, started_at: Option<At>, finished_at: Option<At>,
    }
    deployments: Deployment {
        service: Option<String>, repository: Option<String>, project: Option<String>, environment: Option<String>,
        tier: &'static str, kind: Option<&'static str>, pipeline: Option<String>, status: &'static str,
        commit: Option<String>, r#ref: Option<String>, started_at: Option<At>, finished_at: Option<At>,
        is_rollback: Option<bool>, is_unplanned: Option<bool>,
    }
    deployment_commits: DeploymentCommit { deployment: String, repository: String, commit: String, finished_at: Option<At> }
    deployment_changes: DeploymentChange { deployment: String, commit: String }
    incidents: Incident {
        title: Option<String>, service: Option<String>, project: Option<String>, severity: Option<String>,
        urgency: Option<String>, priority: Option<String>, status: Option<String>, labels: Vec<String>,
        created_at: Option<At>, acknowledged_at: Option<At>, resolved_at: Option<At>, deployment: Option<String>,
    }
    issues: Issue {
        key: String, project: String, r#type: Option<String>, title: Option<String>, status: Option<String>,
        category: Option<&'static str>, resolution: Option<String>, priority: Option<String>, labels: Vec<String>,
        components: Vec<String>, parent: Option<String>, epic: Option<String>, story_points: Option<f64>,
        assignee: Option<String>, reporter: Option<String>, created_at: Option<At>, started_at: Option<At>,
        completed_at: Option<At>,
    }
    issue_transitions: Transition {
        issue: String, at: Option<At>, field: &'static str, from_value: Option<String>, to_value: Option<String>,
    }
    sprints: Sprint {
        board: Option<String>, name: String, state: Option<String>, starts_at: Option<At>, ends_at: Option<At>,
        completed_at: Option<At>,
    }
    sprint_issues: SprintIssue { sprint: String, issue: String, added_at: Option<At>, removed_at: Option<At> }
}

impl World {
    /// The sample company.
    pub fn sample() -> World {
        World::of_csv(&Path::new(env!("CARGO_MANIFEST_DIR")).join("data/sample"))
    }

    /// The CSV files in a folder, each named after its table: `deployments.csv`, `deployments.late.csv`.
    pub fn of_csv(folder: &Path) -> World {
        let mut world = World::default();
        for entry in std::fs::read_dir(folder).expect("the folder of CSV files") {
            let path = entry.expect("an entry of the folder").path();
            if path.extension().is_some_and(|extension| extension == "csv") {
                let name = path.file_name().and_then(|name| name.to_str()).expect("a plain name");
                let table = name.split('.').next().expect("a name has a first part");
                world.add_csv(table, &std::fs::read_to_string(&path).expect("CSV is UTF-8"));
            }
        }
        world
    }

    /// Whether something that a metric needs was never collected; it then says so, and nothing else.
    pub fn lacks(&self, metric: &str) -> bool {
        let needs = &model::metric(metric).expect("a metric of the catalogue").needs;
        self.tables().iter().any(|(table, rows)| rows.is_empty() && needs.iter().any(|need| need == table))
    }
}

/// Latest wins: for each key the version with the greatest `updated_at`; a removed row is not there. Of equal times the
/// first is taken, since worlds whose answer could differ by that are for the order test only.
fn latest<T: Clone>(versions: &[Row<T>]) -> Vec<Row<T>> {
    let newer =
        |row: &Row<T>| versions.iter().any(|other| other.key() == row.key() && other.updated_at > row.updated_at);
    let mut kept: Vec<Row<T>> = Vec::new();
    for row in versions {
        if !newer(row) && !kept.iter().any(|other| other.key() == row.key()) {
            kept.push(row.clone());
        }
    }
    kept.retain(|row| !row.deleted);
    kept
}
