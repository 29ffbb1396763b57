//! The program as a person starts it.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Output, Stdio},
};

use crate::intake::files::{self, good};

fn throughline(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_throughline"));
    command.current_dir(folder).env_clear();
    command
}

fn text(output: &Output) -> (bool, String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.success(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn help_documents_every_setting() {
    let folder = tempfile::tempdir().unwrap();
    let (good, help, _) = text(&throughline(folder.path()).arg("--help").output().unwrap());
    assert!(good);
    for setting in throughline::config::setting::SETTINGS {
        assert!(help.contains(&format!("--{}", setting.flag())), "{}", setting.key);
        assert!(help.contains(&setting.variable()), "{}", setting.key);
    }
}

#[test]
fn config_says_where_each_setting_comes_from_and_hides_secrets() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("throughline.toml"),
        "timezone = \"Europe/Berlin\"\napi_token = \"from-the-file\"\n[calendar]\nweekend = [\"SATURDAY\", \"SUNDAY\"]\n",
    )
    .unwrap();
    let mut command = throughline(folder.path());
    command.env("THROUGHLINE_ORGANIZATION", "Acme").args(["config", "--max-depth", "9"]);
    let (good, shown, errors) = text(&command.output().unwrap());
    assert!(good, "{errors}");
    let line =
        |key: &str| shown.lines().find(|line| line.trim_start_matches("# ").starts_with(key)).unwrap().to_owned();
    assert!(line("timezone").ends_with("= \"Europe/Berlin\"  # throughline.toml"), "{shown}");
    assert!(line("organization").ends_with("= \"Acme\"  # THROUGHLINE_ORGANIZATION"));
    assert!(line("max_depth").ends_with("= \"9\"  # command line"));
    assert!(line("listen").ends_with("# default"));
    assert!(line("calendar_weekend").ends_with("= \"SATURDAY,SUNDAY\"  # throughline.toml"), "{shown}");
    assert!(!shown.contains("from-the-file") && line("api_token").contains("hidden"));
    // What it prints is a settings file again.
    std::fs::write(folder.path().join("again.toml"), &shown).unwrap();
    let again = text(&throughline(folder.path()).args(["config", "--config", "again.toml"]).output().unwrap());
    assert!(again.0, "{}", again.2);
}

#[test]
fn mistakes_are_said_and_stop_the_start() {
    let folder = tempfile::tempdir().unwrap();
    for (args, said) in [
        (&["serve", "--listen", "0.0.0.0:0"][..], "THROUGHLINE_API_TOKEN"),
        (&["--timezone", "Mars/Olympus", "config"], "'timezone' (from command line)"),
        (&["--calendar-holidays", "2026-12-32", "config"], "'calendar_holidays' (from command line): '2026-12-32'"),
        (&["config", "--config", "missing.toml"], "missing.toml"),
    ] {
        let (good, _, errors) = text(&throughline(folder.path()).args(args).output().unwrap());
        assert!(!good && errors.contains(said), "{args:?}: {errors}");
    }
    std::fs::write(folder.path().join("throughline.toml"), "time_zone = \"UTC\"\n").unwrap();
    let (good, _, errors) = text(&throughline(folder.path()).arg("config").output().unwrap());
    assert!(!good && errors.contains("unknown setting 'time_zone'"), "{errors}");
    assert!(!folder.path().join("throughline-lake").exists(), "no lake was made");
}

#[test]
fn intake_tells_of_each_file_and_fails_when_one_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let landing = folder.path().join("lake/landing/repositories");
    std::fs::create_dir_all(&landing).unwrap();
    let intake = || {
        let output = throughline(folder.path()).args(["intake", "--lake", "lake"]).output().unwrap();
        (output.status.code(), text(&output).1, text(&output).2)
    };
    assert_eq!(intake(), (Some(0), "0 files, 0 refused\n".to_owned(), String::new()), "nothing to do is no failure");
    let rows = good("repositories", 3);
    std::fs::write(landing.join("good.parquet"), files::parquet(&rows)).unwrap();
    let (code, said, errors) = intake();
    let line = "landing/repositories/good.parquet: APPLIED, 3 rows (3 inserted, 0 updated, 0 unchanged)";
    assert!(code == Some(0) && said == format!("{line}\n1 files, 0 refused\n"), "{said}{errors}");
    assert!(errors.is_empty(), "no progress bar where there is no terminal: {errors:?}");
    std::fs::write(landing.join("notes.txt"), "words").unwrap();
    std::fs::write(landing.join("late.parquet"), files::parquet(&good("repositories", 4))).unwrap();
    let (code, said, _) = intake();
    assert!(code == Some(1) && said.ends_with("2 files, 1 refused\n"), "{said}");
    assert!(said.contains("notes.txt: REFUSED") && said.contains("\n  fault: "), "{said}");
    assert!(said.contains("late.parquet: APPLIED, 4 rows (1 inserted, 0 updated, 3 unchanged)"), "{said}");
    assert_eq!(intake().0, Some(0), "a refusal is told of once");
    let (_, help, _) = text(&throughline(folder.path()).args(["intake", "--help"]).output().unwrap());
    assert!(help.contains("Exit codes"), "{help}");
}

#[test]
fn an_intake_that_fails_has_told_what_it_did_before() {
    let folder = tempfile::tempdir().unwrap();
    let lake = folder.path().join("lake");
    for (table, rows) in [("pull_requests", 2), ("repositories", 3)] {
        std::fs::create_dir_all(lake.join("landing").join(table)).unwrap();
        let file = files::parquet(&good(table, rows));
        std::fs::write(lake.join("landing").join(table).join("good.parquet"), file).unwrap();
    }
    // A file where the table's folder should be: nothing can be written there.
    std::fs::create_dir_all(lake.join("tables")).unwrap();
    std::fs::write(lake.join("tables/pull_requests"), "").unwrap();
    let intake = || text(&throughline(folder.path()).args(["intake", "--lake", "lake"]).output().unwrap());
    let (good, said, errors) = intake();
    assert!(
        !good && errors.contains("not all files could be taken in") && errors.contains("pull_requests"),
        "{errors}"
    );
    let line = "landing/repositories/good.parquet: APPLIED, 3 rows (3 inserted, 0 updated, 0 unchanged)";
    assert_eq!(said, format!("{line}\n1 files, 0 refused\n"));
    std::fs::remove_file(lake.join("tables/pull_requests")).unwrap();
    let (good, said, errors) = intake();
    assert!(good && said.starts_with("landing/pull_requests/good.parquet: APPLIED, 2 rows"), "{said}{errors}");
}

#[cfg(unix)]
#[test]
fn the_first_start_makes_the_sample_lake_serves_it_and_stops_when_asked() {
    let folder = tempfile::tempdir().unwrap();
    let made = |table: &str| folder.path().join("throughline-lake/tables").join(table);
    let said = start_and_stop(folder.path());
    assert!(said.contains("/graphiql") && said.contains("throughline-lake"), "{said}");
    assert!(made("pull_requests").exists() && made("edits").exists());
    // As a first start leaves it that was cut off before the people came, the last of the sample.
    std::fs::remove_dir_all(made("edits")).unwrap();
    start_and_stop(folder.path());
    assert!(made("edits").exists());
}

/// Starts the server over the default lake, stops it when it has told where it is, and returns what it told.
#[cfg(unix)]
fn start_and_stop(folder: &Path) -> String {
    let mut child = throughline(folder)
        .args(["--listen", "127.0.0.1:0", "--log-level", "error"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut said = String::new();
    while !said.contains("curl") {
        said += &lines.next().expect("it announces itself").unwrap();
        said += "\n";
    }
    let stopped = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(stopped.success());
    assert!(child.wait().unwrap().success(), "a clean end");
    said
}

#[test]
fn definitions_are_checked_and_shown() {
    let folder = tempfile::tempdir().unwrap();
    let definitions = folder.path().join("lake/definitions/metrics");
    std::fs::create_dir_all(&definitions).unwrap();
    let entry = include_str!("../cases/definitions/review_wait.toml");
    std::fs::write(definitions.join("review_wait.toml"), entry).unwrap();
    std::fs::write(definitions.join("broken.toml"), entry.replace("\"ready_at\"", "\"red_at\"")).unwrap();
    let run = |args: &[&str]| text(&throughline(folder.path()).args(args).output().unwrap());
    let (good, said, errors) = run(&["check", "lake/definitions/metrics/review_wait.toml"]);
    assert!(good && said.contains("review_wait.toml: good, REVIEW_WAIT over the fact changes"), "{said}{errors}");
    let files = ["lake/definitions/metrics/review_wait.toml", "lake/definitions/metrics/broken.toml"];
    let (good, said, _) = run(&["check", files[0], files[1]]);
    assert!(!good && said.contains("broken.toml: refused\n  fault: from: "), "{said}");
    let (good, built_in, _) = run(&["schema", "views.sql"]);
    let (with_own, own, told) = run(&["schema", "views.sql", "--of-lake", "--lake", "lake"]);
    assert!(good && with_own && !built_in.contains("review_wait") && own.contains("CREATE VIEW review_wait AS"));
    assert!(told.contains("broken.toml") && told.contains("red_at"), "the log says what was refused: {told}");
}
