//! People over a lake in memory, with accounts as the tables would show them.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use throughline::clock::Clock;
use throughline::lake::Lake;
use throughline::people::import::{self, Approved, Mode, Options, Preview};
use throughline::people::seen::SeenAccount;
use throughline::people::{Author, Changed, Directory, Door, Fault, People, Seen};

pub struct House {
    pub people: People,
    pub seen: Arc<Seen>,
}

/// Every test's day is 2026-06-15.
pub fn now() -> DateTime<Utc> {
    "2026-06-15T12:00:00Z".parse().unwrap()
}

pub fn author() -> Author {
    Author { actor: "tester".to_owned(), door: Door::Cli }
}

impl House {
    pub async fn new() -> House {
        House::at(&Lake::open("memory:///").await.unwrap(), now())
    }

    pub fn at(lake: &Lake, now: DateTime<Utc>) -> House {
        let account = |source: &str, login: &str, email: Option<&str>| SeenAccount {
            source: source.to_owned(),
            login: login.to_owned(),
            email: email.map(str::to_owned),
            items: 1,
            ..SeenAccount::default()
        };
        let accounts = vec![
            account("github", "Casey-Work", None),
            account("github", "avery-x", Some("avery@example.com")),
            account("github", "casey-x", Some("casey@example.com")),
            account("jira", "blake", None),
        ];
        let seen = Arc::new(Seen { key: "accounts".to_owned(), accounts });
        House { people: People::new(lake.clone(), chrono_tz::Europe::Berlin, Clock::Fixed(now)), seen }
    }

    pub async fn preview(&self, bytes: &[u8], name: &str, mode: Mode, options: Options) -> Preview {
        import::preview(&self.people, &self.seen, &author(), bytes.to_vec(), name, mode, options).await.unwrap()
    }

    pub async fn approve(&self, id: &str) -> Result<Changed<Approved>, Vec<Fault>> {
        import::approve(&self.people, &self.seen, &author(), id).await.unwrap()
    }

    /// Imports a file that has no errors.
    pub async fn import(&self, bytes: &[u8], mode: Mode) -> Preview {
        let options = Options { attributes: true, effective_from: None };
        let preview = self.preview(bytes, "people.csv", mode, options).await;
        assert_eq!(preview.errors, []);
        self.approve(preview.id.as_deref().unwrap()).await.unwrap();
        preview
    }

    pub async fn directory(&self) -> Arc<Directory> {
        let snapshot = self.people.lake().refresh().await.unwrap();
        self.people.directory(&snapshot, &self.seen).await.unwrap()
    }
}
