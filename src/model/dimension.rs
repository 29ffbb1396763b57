//! The ways a metric can be scoped and broken down. Which of them a fact has stands in `schema/facts/*.toml`.

use super::words::words;

words! {
    /// What a metric can be broken down by.
    Dimension {
        /// By repository.
        Repository = "REPOSITORY",
        /// By service.
        Service = "SERVICE",
        /// By project.
        Project = "PROJECT",
        /// By environment.
        Environment = "ENVIRONMENT",
        /// By pipeline.
        Pipeline = "PIPELINE",
        /// By branch: of pull requests the one they went to.
        Branch = "BRANCH",
        /// By size: SMALL, MEDIUM or LARGE, by limits of the profile.
        Size = "SIZE",
        /// By type of work, by rules of the profile.
        WorkType = "WORK_TYPE",
        /// By complexity: LOW, MEDIUM or HIGH, by story points and limits of the profile.
        Complexity = "COMPLEXITY",
        /// By what the work is for: the categories of the profile.
        Category = "CATEGORY",
        /// By type of issue, in the words of the tool.
        IssueType = "ISSUE_TYPE",
        /// By priority, in the words of the tool.
        Priority = "PRIORITY",
        /// By status, in the words of the tool.
        Status = "STATUS",
        /// By sprint.
        Sprint = "SPRINT",
        /// By board.
        Board = "BOARD",
        /// By the person who did the work, whatever the account.
        Contributor = "CONTRIBUTOR",
        /// By team: the leaves of an org tree.
        Team = "TEAM",
        /// By the nodes of an org tree so many levels below.
        OrgLevel = "ORG_LEVEL",
    }
}

words! {
    /// Which team a person's item belongs to. It matters where a metric is asked of a team, or broken down by teams.
    Membership {
        /// The team that the person was in when it happened.
        AtEvent = "AT_EVENT",
        /// The team that the person is in now.
        Current = "CURRENT",
    }
}

impl Dimension {
    /// Whether its keys are people or teams, which no column of a fact holds.
    pub fn is_of_people(self) -> bool {
        matches!(self, Dimension::Contributor | Dimension::Team | Dimension::OrgLevel)
    }

    /// Whether its keys are kinds of work, which everybody does: a rate per developer of one of them is divided by the
    /// same developers as the whole, so that slices add up. A place (a repository, say) has no developers of its own.
    pub fn is_of_kinds(self) -> bool {
        use Dimension::{Category, Complexity, IssueType, Priority, Size, Status, WorkType};
        matches!(self, Size | WorkType | Complexity | Category | IssueType | Priority | Status)
    }
}

words! {
    /// The length of a bucket of a series.
    Granularity {
        /// Calendar days.
        Day = "DAY",
        /// ISO weeks, from Monday.
        Week = "WEEK",
        /// Calendar months.
        Month = "MONTH",
        /// Calendar quarters.
        Quarter = "QUARTER",
        /// Calendar years.
        Year = "YEAR",
    }
}
