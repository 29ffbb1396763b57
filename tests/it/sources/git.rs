//! The git import, on a repository made here with fixed people and dates.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use object_store::ObjectStore;
use object_store::memory::InMemory;
use throughline::clock::Clock;
use throughline::sources::git::{Import, Imported, import};

use super::support::{ask, files, number, session};

/// A repository whose commits are dated by the test.
struct Made {
    folder: tempfile::TempDir,
}

impl Made {
    fn new() -> Made {
        let made = Made { folder: tempfile::tempdir().expect("a folder") };
        made.git(&["init", "-q", "-b", "main"], "2026-01-01T00:00:00Z", "ann");
        made
    }

    fn path(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    fn git(&self, arguments: &[&str], at: &str, who: &str) -> String {
        let email = format!("{}@Example.com", who);
        let output = Command::new("git")
            .args(["-c", "commit.gpgsign=false", "-c", "tag.gpgsign=false", "-c", "core.hooksPath=/dev/null"])
            .args(arguments)
            .current_dir(self.folder.path())
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_SYSTEM", "/dev/null")
            .envs([("GIT_AUTHOR_NAME", who), ("GIT_COMMITTER_NAME", who)])
            .envs([("GIT_AUTHOR_EMAIL", &email), ("GIT_COMMITTER_EMAIL", &email)])
            .envs([("GIT_AUTHOR_DATE", at), ("GIT_COMMITTER_DATE", at)])
            .output()
            .expect("git runs");
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    fn write(&self, path: &str, bytes: &[u8]) {
        let path = self.folder.path().join(path);
        std::fs::create_dir_all(path.parent().expect("below the folder")).expect("a folder");
        std::fs::write(path, bytes).expect("written");
    }

    /// Commits all that is there; its sha.
    fn commit(&self, message: &str, at: &str, who: &str) -> String {
        self.git(&["add", "-A"], at, who);
        self.git(&["commit", "-q", "--allow-empty", "--allow-empty-message", "-m", message], at, who);
        self.git(&["rev-parse", "HEAD"], at, who)
    }

    /// A history with a branch merged, a squash, a rename, a binary file, odd names, a direct commit and tags.
    fn story(&self) {
        self.write("a.txt", b"one\ntwo\nthree\nfour\nfive\n");
        self.commit("Begin", "2026-01-05T09:00:00+01:00", "ann");
        self.git(&["checkout", "-q", "-b", "rounding"], "2026-01-05T09:30:00Z", "bob");
        self.write("b.txt", b"1\n2\n3\n");
        self.commit("Round up", "2026-01-06T10:00:00+05:30", "bob");
        self.git(&["mv", "a.txt", "sub.txt"], "2026-01-06T11:00:00Z", "cleo");
        self.commit("Rename", "2026-01-06T11:00:00-08:00", "cleo");
        self.write("image.png", &[0, 1, 2, 0, 255]);
        self.write("with\ttab \u{fc}.txt", b"x\n");
        self.commit("", "2026-01-07T12:00:00Z", "bob");
        self.git(&["checkout", "-q", "main"], "2026-01-07T12:00:00Z", "ann");
        let message = "Merge pull request #4 from bob/rounding\n\nRound half up";
        self.git(&["merge", "-q", "--no-ff", "-m", message, "rounding"], "2026-01-08T15:00:00Z", "ann");
        self.git(&["tag", "v1.0"], "2026-01-08T15:00:00Z", "ann");
        self.write("b.txt", b"1\n2\n4\n");
        self.commit("Count further (#5)", "2026-01-09T10:00:00Z", "cleo");
        // The code host kept the branch that was squashed into a change of its own.
        self.git(&["checkout", "-q", "--detach", "main"], "2026-01-09T11:00:00Z", "ann");
        self.write("c.txt", b"1\n");
        self.commit("Part one", "2026-01-09T11:00:00Z", "bob");
        self.commit("Part two", "2026-01-09T12:00:00Z", "bob");
        self.git(&["update-ref", "refs/pull/7/head", "HEAD"], "2026-01-09T12:00:00Z", "bob");
        self.git(&["checkout", "-q", "main"], "2026-01-09T12:00:00Z", "ann");
        self.write("c.txt", b"1\n");
        self.commit("Both parts (#7)", "2026-01-09T18:00:00Z", "ann");
        self.commit("Nothing in it", "2026-01-10T10:00:00Z", "dependabot[bot]");
        self.git(&["tag", "-a", "v1.1", "-m", "Second"], "2026-01-11T10:00:00Z", "ann");
        self.git(&["tag", "-a", "nightly", "-m", "No release"], "2026-01-11T11:00:00Z", "ann");
        self.git(&["notes", "add", "-m", "not a commit of ours"], "2026-01-12T10:00:00Z", "ann");
    }
}

fn options() -> Import {
    Import {
        source: "git".into(),
        repository: Some("shop/till".into()),
        service: Some("till".into()),
        merges: true,
        tags: Some("v*".into()),
        ..Import::default()
    }
}

async fn imported(store: &Arc<InMemory>, path: &Path, options: &Import) -> Imported {
    let store: Arc<dyn ObjectStore> = store.clone();
    import(store, path, options, Clock::System, |_| {}).await.expect("imported")
}

#[tokio::test]
async fn a_clone_becomes_rows() {
    let made = Made::new();
    made.story();
    let store = Arc::new(InMemory::new());
    let told = imported(&store, &made.path(), &options()).await;
    assert_eq!((told.commits, told.changes, told.releases), (10, 3, 2));
    assert_eq!(told.notices, Vec::<String>::new());
    let session = session(store.as_ref()).await;

    let sql = "select coalesce(nullif(split_part(message, chr(10), 1), ''), '(empty)'), author, authored_offset_minutes, \
               additions, deletions, files_changed, is_merge, array_length(parents), \
               to_char(authored_at, '%d %H:%M') from commits order by authored_at";
    let expected = "\
Begin | ann@example.com | 60 | 5 | 0 | 1 | false | 0 | 05 08:00
Round up | bob@example.com | 330 | 3 | 0 | 1 | false | 1 | 06 04:30
Rename | cleo@example.com | -480 | 0 | 0 | 1 | false | 1 | 06 19:00
(empty) | bob@example.com | 0 | 1 | 0 | 2 | false | 1 | 07 12:00
Merge pull request #4 from bob/rounding | ann@example.com | 0 |  |  |  | true | 2 | 08 15:00
Count further (#5) | cleo@example.com | 0 | 1 | 1 | 1 | false | 1 | 09 10:00
Part one | bob@example.com | 0 | 1 | 0 | 1 | false | 1 | 09 11:00
Part two | bob@example.com | 0 | 0 | 0 | 0 | false | 1 | 09 12:00
Both parts (#7) | ann@example.com | 0 | 1 | 0 | 1 | false | 1 | 09 18:00
Nothing in it | dependabot[bot]@example.com | 0 | 0 | 0 | 0 | false | 1 | 10 10:00";
    assert_eq!(ask(&session, sql).await, expected);

    let sql = "select path, f.additions, f.deletions, previous_path from commit_files f join commits c on c.id = f.commit \
               order by authored_at, path";
    let expected = "\
a.txt | 5 | 0 |
b.txt | 3 | 0 |
sub.txt | 0 | 0 | a.txt
image.png |  |  |
with\ttab \u{fc}.txt | 1 | 0 |
b.txt | 1 | 1 |
c.txt | 1 | 0 |
c.txt | 1 | 0 |";
    assert_eq!(ask(&session, sql).await.replace("| \n", "|\n").replace("\\t", "\t").trim_end(), expected);

    // The merge's first commit is Bob's of the 6th, the last the one of the 7th; Bob wrote two of three. Lines are those
    // of the merge against its first parent. One squash knows neither, of the
    // other the branch was kept.
    let sql = "select number, title, author, head_branch, to_char(first_commit_at, '%d %H:%M'), to_char(created_at, '%d \
               %H:%M'), to_char(merged_at, '%d %H:%M'), additions, deletions, changed_files from pull_requests order by 1";
    let expected = "\
4 | Round half up | bob@example.com | rounding | 06 04:30 | 07 12:00 | 08 15:00 | 4 | 0 | 4
5 | Count further | cleo@example.com |  |  | 09 10:00 | 09 10:00 | 1 | 1 | 1
7 | Both parts | bob@example.com |  | 09 11:00 | 09 12:00 | 09 18:00 | 1 | 0 | 1";
    assert_eq!(ask(&session, sql).await, expected);
    let sql = "select p.number, count(*), count(c.id) from pull_request_commits r join pull_requests p on p.id = \
               r.pull_request left join commits c on c.id = r.commit group by 1 order by 1";
    assert_eq!(ask(&session, sql).await, "4 | 3 | 3\n7 | 2 | 2");
    let sql = "select ref, kind, tier, service, to_char(finished_at, '%d %H:%M'), c.message from deployments d join commits \
               c on c.id = d.commit order by 1";
    let expected = "\
v1.0 | RELEASE | PRODUCTION | till | 08 15:00 | Merge pull request #4 from bob/rounding";
    assert!(ask(&session, sql).await.starts_with(expected));
    let sql = "select ref, to_char(finished_at, '%d %H:%M') from deployments where ref = 'v1.1'";
    assert_eq!(ask(&session, sql).await, "v1.1 | 11 10:00");
    assert_eq!(ask(&session, "select login from accounts where kind = 'BOT'").await, "dependabot[bot]@example.com");
    assert_eq!(
        ask(&session, "select name, default_branch, service from repositories").await,
        "shop/till | main | till"
    );
}

#[tokio::test]
async fn a_second_run_reads_what_is_new_and_changes_nothing_else() {
    let made = Made::new();
    made.story();
    let (store, again) = (Arc::new(InMemory::new()), Arc::new(InMemory::new()));
    imported(&store, &made.path(), &options()).await;
    imported(&again, &made.path(), &options()).await;
    let first = files(store.as_ref(), "").await;
    assert!(first == files(again.as_ref(), "").await, "the same clone, the same files");

    let told = imported(&store, &made.path(), &options()).await;
    assert_eq!((told.commits, told.changes, told.releases, told.tables.len()), (0, 0, 0, 0));
    assert!(first == files(store.as_ref(), "").await, "nothing new, nothing written");

    made.write("c.txt", b"c\n");
    made.commit("More (#6)", "2026-01-13T10:00:00Z", "bob");
    made.git(&["tag", "v1.2"], "2026-01-13T10:00:00Z", "ann");
    let told = imported(&store, &made.path(), &options()).await;
    assert_eq!((told.commits, told.changes, told.releases), (1, 1, 1));
    let session = session(store.as_ref()).await;
    assert_eq!(number(&session, "select count(*) from commits_all").await, 11.0, "each commit once");

    // Reading all again adds rows that say the same.
    let whole = Import { full: true, ..options() };
    assert_eq!(imported(&store, &made.path(), &whole).await.commits, 11);
    let session = super::support::session(store.as_ref()).await;
    for table in ["commits", "pull_requests", "pull_request_commits", "deployments", "accounts"] {
        let keys = number(&session, &format!("select count(*) from {table}")).await;
        let sql = format!("select count(distinct (source, id, updated_at)) from {table}_all");
        let versions = number(&session, &sql).await;
        // Only an account is written anew by a later commit of the same person.
        assert_eq!(versions - keys, if table == "accounts" { 1.0 } else { 0.0 }, "{table}");
    }
}

#[tokio::test]
async fn rewritten_history_is_read_again() {
    let made = Made::new();
    made.story();
    let store = Arc::new(InMemory::new());
    imported(&store, &made.path(), &options()).await;
    made.git(&["commit", "-q", "--amend", "--allow-empty", "-m", "Something"], "2026-01-14T10:00:00Z", "ann");
    made.git(&["tag", "-d", "v1.1"], "2026-01-14T10:00:00Z", "ann");
    made.git(&["tag", "-d", "nightly"], "2026-01-14T10:00:00Z", "ann");
    let told = imported(&store, &made.path(), &options()).await;
    assert_eq!(told.commits, 10);
    assert!(told.notices[0].contains("rewritten"), "{:?}", told.notices);
}

#[tokio::test]
async fn other_encodings_and_other_folders() {
    let made = Made::new();
    made.write("a.txt", b"x\n");
    // A message in Latin-1 that says so, and one that does not: the first is converted, the second repaired. git itself
    // would not write the second, so its commit is made by hand.
    std::fs::write(made.path().join("message"), b"Caf\xe9 declared\n").expect("written");
    made.git(&["add", "a.txt"], "2026-01-05T09:00:00Z", "ann");
    let declared = ["-c", "i18n.commitEncoding=ISO-8859-1", "commit", "-q", "-F", "message"];
    made.git(&declared, "2026-01-05T09:00:00Z", "ann");
    let tree = made.git(&["rev-parse", "HEAD^{tree}"], "2026-01-05T10:00:00Z", "ann");
    let parent = made.git(&["rev-parse", "HEAD"], "2026-01-05T10:00:00Z", "ann");
    let person = "Ann <ann@example.com> 1767607200 +0000";
    let mut raw = format!("tree {tree}\nparent {parent}\nauthor {person}\ncommitter {person}\n\n").into_bytes();
    raw.extend(b"Caf\xe9 undeclared\n");
    std::fs::write(made.path().join("message"), raw).expect("written");
    let sha = made.git(&["hash-object", "-t", "commit", "-w", "message"], "2026-01-05T10:00:00Z", "ann");
    made.git(&["update-ref", "refs/heads/main", &sha], "2026-01-05T10:00:00Z", "ann");
    let store = Arc::new(InMemory::new());
    let told = imported(&store, &made.path(), &Import { source: "git".into(), ..Import::default() }).await;
    assert_eq!(Path::new(&told.repository), made.path().file_name().expect("a name"), "called as its folder");
    let messages = ask(&session(store.as_ref()).await, "select message from commits order by authored_at").await;
    assert_eq!(messages, "Café declared\nCaf\u{fffd} undeclared");

    let nowhere = tempfile::tempdir().expect("a folder");
    let store: Arc<dyn ObjectStore> = store;
    let error = import(store, nowhere.path(), &options(), Clock::System, |_| {}).await.expect_err("no clone");
    assert!(format!("{error:#}").contains("not a git clone"), "{error:#}");
}
