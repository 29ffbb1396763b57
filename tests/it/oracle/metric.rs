//! Every metric: its name, how its value comes from items, and where those come from.

use super::choices::Choices;
use super::facts::Facts;
use super::item::Item;
use super::sprints::Outcome::{Delivered, Missed, Removed};

/// How a value comes from what is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A statistic of durations.
    Duration,
    /// A sum.
    Sum,
    /// A sum by the days of the period.
    PerDay,
    /// A sum by the weeks that developers spent.
    PerDeveloper,
    /// Distinct groups by the weeks that developers spent.
    GroupsPerDeveloper,
    /// A sum by another.
    Quotient,
    /// A sum by distinct groups.
    PerGroup,
    /// Standard deviation of the groups' quotients.
    Spread,
    /// Each person's share of work, added up.
    Shares,
}

macro_rules! metrics {
    ($($metric:ident = $name:literal $shape:ident [$($stage:literal),*] $absent:literal $items:expr;)*) => {
        /// A metric.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Metric { $($metric),* }

        impl Metric {
            pub const ALL: &'static [Metric] = &[$(Metric::$metric),*];

            /// The metric's name in the API.
            pub fn name(self) -> &'static str {
                match self { $(Metric::$metric => $name),* }
            }

            pub fn shape(self) -> Shape {
                match self { $(Metric::$metric => Shape::$shape),* }
            }

            /// Names of the parts after the first.
            pub fn stages(self) -> &'static [&'static str] {
                match self { $(Metric::$metric => &[$($stage),*]),* }
            }

            /// Why there is no value where there is none.
            pub fn absent(self) -> &'static str {
                match self { $(Metric::$metric => $absent),* }
            }

            /// Everything that the metric can count, at any time, bots' things included.
            pub fn items(self, facts: &Facts, choices: &Choices) -> Vec<Item> {
                match self { $(Metric::$metric => {
                    let items: fn(&Facts, &Choices) -> Vec<Item> = $items;
                    items(facts, choices)
                }),* }
            }
        }
    };
}

metrics! {
    Frequency = "DEPLOYMENT_FREQUENCY" PerDay [] "NO_DEPLOYMENTS" |f, c| f.shipped(c);
    LeadTime = "LEAD_TIME_FOR_CHANGES" Duration ["CODING", "REVIEW", "BUILD", "DEPLOYMENT"] "NO_DATA" |f, c| f.lead_times(c);
    FailureRate = "CHANGE_FAILURE_RATE" Quotient [] "NO_DEPLOYMENTS" |f, c| f.failures(c);
    RecoveryTime = "FAILED_DEPLOYMENT_RECOVERY_TIME" Duration [] "NO_DATA" |f, c| f.troubles(c, |i| i.broken_at);
    RestoreTime = "TIME_TO_RESTORE_SERVICE" Duration [] "NO_DATA" |f, c| f.troubles(c, |i| i.created_at);
    ReworkRate = "DEPLOYMENT_REWORK_RATE" Quotient [] "NO_DEPLOYMENTS" |f, c| f.reworks(c);

    Velocity = "PULL_REQUEST_VELOCITY" PerDeveloper [] "NO_DATA" |f, c| f.merged(c, |_| 1.0);
    CycleTime = "PULL_REQUEST_CYCLE_TIME" Duration ["CODING", "PICKUP", "REVIEW", "MERGE"] "NO_DATA" |f, c| f.cycle_times(c);
    Comments = "COMMENTS_PER_PULL_REQUEST" Quotient [] "NO_DATA" |f, c| f.merged(c, |change| change.said.comments as f64);
    FirstComment = "TIME_TO_FIRST_COMMENT" Duration [] "NO_DATA" |f, c| f.first_comments(c);
    CodingDays = "CODING_DAYS" GroupsPerDeveloper [] "NO_DATA" |f, c| f.coding_days(c);
    CodeRework = "CODE_REWORK" Quotient [] "NO_DATA" |f, c| f.file_changes(c);
    ReviewLoad = "REVIEW_LOAD" PerDeveloper [] "NO_DATA" |f, c| f.reviews(c);

    BuildSuccess = "BUILD_SUCCESS_RATE" Quotient [] "NO_DATA" |f, c| f.builds(c, |b| vec![Some(f64::from(b.status == "SUCCESS"))]);
    BuildDuration = "BUILD_DURATION" Duration [] "NO_DATA" |f, c| f.builds(c, |b| vec![f.open(b.started_at, b.finished_at)]);
    BuildQueueTime = "BUILD_QUEUE_TIME" Duration [] "NO_DATA" |f, c| f.builds(c, |b| vec![f.open(b.queued_at, b.started_at)]);

    WorkCompleted = "WORK_COMPLETED" PerDeveloper [] "NO_DATA" |f, c| f.completed(c, |_| Some(1.0));
    IssueCycleTime = "ISSUE_CYCLE_TIME" Duration [] "NO_DATA" |f, c| f.completed(c, |w| f.open(w.started_at, w.completed_at));
    IssueLeadTime = "ISSUE_LEAD_TIME" Duration ["WAITING", "WORKING"] "NO_DATA" |f, c| f.issue_lead_times(c);

    EffortCount = "EFFORT_ISSUE_COUNT" Sum [] "NO_DATA" |f, c| f.effort(c, "ISSUE_COUNT");
    EffortPoints = "EFFORT_STORY_POINTS" Sum [] "NO_DATA" |f, c| f.effort(c, "STORY_POINTS");
    EffortTime = "EFFORT_TIME_IN_PROGRESS" Sum [] "NO_DATA" |f, c| f.effort(c, "TIME_IN_PROGRESS");
    EffortFte = "EFFORT_FTE" Shares [] "NO_DATA" |f, c| f.all_effort(c);
    Uncategorized = "UNCATEGORIZED_SHARE" Quotient [] "NO_DATA" |f, c| f.uncategorized(c);

    SprintCommit = "SPRINT_COMMIT" Sum [] "NO_DATA" |f, c| f.planned(c, |s| s.is_commit());
    SprintCreep = "SPRINT_CREEP" Sum [] "NO_DATA" |f, c| f.planned(c, |s| !s.is_commit());
    SprintRemoved = "SPRINT_REMOVED" Sum [] "NO_DATA" |f, c| f.planned(c, |s| s.is(Removed));
    SprintSize = "SPRINT_SIZE" Sum [] "NO_DATA" |f, c| f.planned(c, |_| true);
    SprintDelivered = "SPRINT_DELIVERED" Sum [] "NO_DATA" |f, c| f.planned(c, |s| s.is(Delivered));
    SprintDeliveredCommit = "SPRINT_DELIVERED_COMMIT" Sum [] "NO_DATA" |f, c| f.planned(c, |s| s.is(Delivered) && s.is_commit());
    SprintDeliveredCreep = "SPRINT_DELIVERED_CREEP" Sum [] "NO_DATA" |f, c| f.planned(c, |s| s.is(Delivered) && !s.is_commit());
    SprintMissed = "SPRINT_MISSED" Sum [] "NO_DATA" |f, c| f.planned(c, |s| s.is(Missed));
    SprintMissedCommit = "SPRINT_MISSED_COMMIT" Sum [] "NO_DATA" |f, c| f.planned(c, |s| s.is(Missed) && s.is_commit());
    SprintMissedCreep = "SPRINT_MISSED_CREEP" Sum [] "NO_DATA" |f, c| f.planned(c, |s| s.is(Missed) && !s.is_commit());
    SprintCommitDone = "SPRINT_COMMIT_DONE_RATIO" Quotient [] "NO_DATA" |f, c| f.of_plan(c, |s| s.is_commit(), |s| s.delivered(), |s| s.commit());
    SprintCreepRatio = "SPRINT_CREEP_RATIO" Quotient [] "NO_DATA" |f, c| f.of_plan(c, |_| true, |s| s.only(!s.is_commit()), |s| s.commit());
    SprintDeliveredToCommit = "SPRINT_DELIVERED_TO_COMMIT" Quotient [] "NO_DATA" |f, c| f.of_plan(c, |_| true, |s| s.delivered(), |s| s.commit());
    SprintDeliveredToSize = "SPRINT_DELIVERED_TO_SIZE" Quotient [] "NO_DATA" |f, c| f.of_plan(c, |_| true, |s| s.delivered(), |s| s.only(true));
    SprintVelocity = "SPRINT_VELOCITY" PerGroup [] "NO_DATA" |f, c| f.of_plan(c, |_| true, |s| s.delivered(), |_| 1.0);
    SprintPredictability = "SPRINT_PREDICTABILITY" Spread [] "NO_DATA" |f, c| f.of_plan(c, |_| true, |s| s.delivered(), |s| s.commit());
    SprintChurn = "SPRINT_CHURN" Quotient [] "NO_DATA" |f, c| f.of_plan(c, |_| true, |s| s.churned(), |s| s.commit());
}

impl Metric {
    /// The metric of a name.
    pub fn named(name: &str) -> Option<Metric> {
        Metric::ALL.iter().copied().find(|metric| metric.name() == name)
    }

    /// Whether its value is a statistic of durations.
    pub fn is_duration(self) -> bool {
        self.shape() == Shape::Duration
    }

    /// Whether it is divided by the time that developers spent.
    pub fn is_per_developer(self) -> bool {
        matches!(self.shape(), Shape::PerDeveloper | Shape::GroupsPerDeveloper)
    }
}
