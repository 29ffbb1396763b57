//! `throughline contributors` as a person starts it.

use std::path::Path;
use std::process::Command;

/// Whether it went well, what it printed, what it complained of.
fn contributors(folder: &Path, args: &[&str]) -> (bool, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_throughline"));
    command.current_dir(folder).env_clear().args(["--lake", "./lake", "contributors"]).args(args);
    let output = command.output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.success(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn a_person_imports_exports_and_puts_back() {
    let folder = tempfile::tempdir().unwrap();
    let run = |args: &[&str]| contributors(folder.path(), args);
    let good = |args: &[&str]| {
        let (good, shown, errors) = run(args);
        assert!(good, "{args:?}: {shown}{errors}");
        shown
    };
    good(&["sample", "--output", "people.csv"]);
    let (imported, shown, _) = run(&["import", "people.csv", "--attributes"]);
    assert!(!imported && shown.contains("4 added") && shown.contains("Nothing is changed"), "nobody said yes: {shown}");
    let id = shown.trim().rsplit(' ').next().unwrap();
    assert!(good(&["approve", id, "--actor", "Dora Example"]).contains("version 1"));
    assert!(!run(&["approve", id]).0 && !run(&["discard", id]).0);

    good(&["export", "-o", "export.csv"]);
    let exported = std::fs::read_to_string(folder.path().join("export.csv")).unwrap();
    assert!(exported.contains("Blake Example,blake@example.com"), "{exported}");
    let same = good(&["import", "export.csv", "--attributes", "--mode", "replace", "--yes"]);
    assert!(same.contains("0 added") && same.contains("4 unchanged") && same.contains("version 2"), "{same}");

    std::fs::write(folder.path().join("new.csv"), "Name;E-Mail\nBlake Other;blake@example.com\n").unwrap();
    let changed = good(&["import", "new.csv", "--yes"]);
    assert!(changed.contains("name: \"Blake Example\" -> \"Blake Other\""), "{changed}");
    assert!(good(&["diff", "2"]).contains("~ Blake Other"));
    assert_eq!(good(&["versions"]).lines().count(), 3);
    assert!(good(&["restore", "2"]).contains("version 4"));
    assert_eq!(good(&["diff", "1"]), "");

    std::fs::write(folder.path().join("bad.csv"), "Name,Email\nA,a@example.com\nB,b\n").unwrap();
    let (imported, shown, _) = run(&["import", "bad.csv", "--yes"]);
    assert!(
        !imported
            && shown.contains("INVALID_VALUE x 1")
            && shown.contains("row 3: Email \"b\": It is no e-mail address."),
        "{shown}"
    );
    let (there, _, errors) = run(&["import", "missing.csv"]);
    assert!(!there && errors.contains("missing.csv"), "{errors}");
}
