//! The README's curl commands, as they stand there, by the real curl.

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use throughline::lake::Lake;

use crate::server::Server;

const README: &str = include_str!("../../../README.md");
/// Where the README says that the server is.
const ADDRESS: &str = "http://127.0.0.1:8080";

/// The first line of the README with curl and this text, for another server; what is said behind it left out.
fn command(text: &str, server: &Server) -> String {
    let line = README.lines().find(|line| line.trim_start().starts_with("curl ") && line.contains(text));
    let line = line.unwrap_or_else(|| panic!("the README has no curl command with {text}"));
    let line = line.split("   #").next().expect("a first part");
    assert!(line.contains(ADDRESS), "{line}");
    line.trim().replace(ADDRESS, &server.url)
}

async fn run(folder: &Path, command: String) -> String {
    let folder = folder.to_owned();
    let ran = tokio::task::spawn_blocking(move || {
        Command::new("sh").args(["-c", &command]).current_dir(folder).stdin(Stdio::null()).output()
    });
    let output = ran.await.expect("it ends").expect("sh runs");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_curl_commands_of_the_readme_work() {
    if Command::new("curl").arg("--version").stdout(Stdio::null()).status().is_err() {
        eprintln!("SKIPPED: there is no curl; the README's commands were not tried");
        return;
    }
    let server = Server::start(Lake::open("memory:///").await.unwrap()).await;
    let folder = tempfile::tempdir().unwrap();
    let curl = async |text: &str, id: &str| {
        run(folder.path(), command(text, &server).replace("/ID/", &format!("/{id}/"))).await
    };
    curl("/contributors/sample.csv", "").await;
    let sample = std::fs::read_to_string(folder.path().join("people.csv")).unwrap();
    let people = sample.lines().filter(|line| line.contains('@')).count();
    assert!(people > 1, "{sample}");
    let preview: Value = serde_json::from_str(&curl("-F file=@people.csv", "").await).unwrap();
    assert_eq!((&preview["counts"]["added"], &preview["errors"]), (&json!(people), &json!([])), "{preview}");
    let version: Value = serde_json::from_str(&curl("/approve", preview["id"].as_str().unwrap()).await).unwrap();
    assert_eq!(version["added"], json!(people), "{version}");
    curl("/contributors/export.csv", "").await;
    let exported = std::fs::read_to_string(folder.path().join("now.csv")).unwrap();
    assert_eq!(exported.lines().filter(|line| line.contains('@')).count(), people, "{exported}");
}
