//! Files of contributors over HTTP, as `curl -F file=@people.csv` sends them, and as GraphQL clients do.

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use throughline::config::{Config, Secret};
use throughline::lake::Lake;

use crate::server::Server;

const TEAM: &str = include_str!("../../cases/people/csv/_team.csv");
/// As curl writes it.
const BOUNDARY: &str = "------------------------d74496d66958873e";

async fn server() -> Server {
    server_with(|_| {}).await
}

async fn server_with(change: impl FnOnce(&mut Config)) -> Server {
    Server::start_with(Lake::open("memory:///").await.unwrap(), change).await
}

/// A form of parts: name, further parameters and headers, content.
fn form(parts: &[(&str, &str, &str)]) -> String {
    let part = |(name, more, content): &(&str, &str, &str)| {
        format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"{more}\r\n\r\n{content}\r\n")
    };
    parts.iter().map(part).collect::<String>() + &format!("--{BOUNDARY}--\r\n")
}

fn with_form(request: RequestBuilder, parts: &[(&str, &str, &str)]) -> RequestBuilder {
    request.header("content-type", format!("multipart/form-data; boundary={BOUNDARY}")).body(form(parts))
}

/// `curl -F file=@people.csv`
fn upload(server: &Server, query: &str, text: &str) -> RequestBuilder {
    let more = "; filename=\"people.csv\"\r\nContent-Type: text/csv";
    let request = server.client.post(format!("{}/contributors/import{query}", server.url));
    with_form(request, &[("file", more, text)])
}

async fn answer(request: RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

fn at(server: &Server, method: Method, path: &str) -> RequestBuilder {
    server.client.request(method, format!("{}{path}", server.url))
}

#[tokio::test]
async fn a_file_is_uploaded_looked_at_and_approved() {
    let server = server().await;
    let (status, preview) = answer(upload(&server, "?mode=REPLACE&attributes=true", TEAM)).await;
    assert_eq!(
        (status, &preview["counts"]["added"], &preview["filename"]),
        (200, &json!(4), &json!("people.csv")),
        "{preview}"
    );
    assert_eq!((&preview["mode"], &preview["errors"]), (&json!("REPLACE"), &json!([])));
    assert_eq!(preview["added"][1]["email"], json!("blake@example.com"));
    let id = preview["id"].as_str().unwrap();
    let records = async || {
        let snapshot = server.app.lake.refresh().await.unwrap();
        server.app.register().people().records(&snapshot).await.unwrap()
    };
    assert_eq!(records().await.seq, 0, "nothing is written before approval");

    let path = format!("/contributors/imports/{id}");
    let (status, waiting) = answer(at(&server, Method::GET, &path)).await;
    assert_eq!((status, &waiting["counts"]), (200, &preview["counts"]));
    let approve = at(&server, Method::POST, &format!("{path}/approve")).header("x-throughline-user", "Dora Example");
    let (status, version) = answer(approve).await;
    assert_eq!((status, &version["version"], &version["added"]), (200, &json!(1), &json!(4)), "{version}");
    assert_eq!(records().await.contributors.len(), 4);
    let audit = at(&server, Method::GET, "/audit.csv").send().await.unwrap().text().await.unwrap();
    assert!(
        audit.contains("Dora Example") && audit.contains("HTTP") && audit.contains("IMPORT_CONTRIBUTORS"),
        "{audit}"
    );

    let (status, again) = answer(at(&server, Method::POST, &format!("{path}/approve"))).await;
    assert_eq!((status, &again["userErrors"][0]["code"]), (409, &json!("CONFLICT")), "{again}");
    let export = at(&server, Method::GET, "/contributors/export.csv").send().await.unwrap();
    assert_eq!(export.headers()["content-disposition"], "attachment; filename=\"contributors.csv\"");
    let export = export.text().await.unwrap();
    let back = at(&server, Method::POST, "/contributors/import?mode=REPLACE&attributes=true")
        .header("content-type", "text/csv");
    let (status, same) = answer(back.body(export)).await;
    let counts = json!({ "added": 0, "changed": 0, "removed": 0, "unchanged": 4, "teams": 0 });
    assert_eq!((status, &same["counts"], &same["filename"]), (200, &counts, &json!("upload.csv")), "{same}");
    let path = format!("/contributors/imports/{}", same["id"].as_str().unwrap());
    assert_eq!(answer(at(&server, Method::DELETE, &path)).await.0, 204);
    let (status, gone) = answer(at(&server, Method::GET, &path)).await;
    assert_eq!((status, &gone["userErrors"][0]["code"]), (404, &json!("NOT_FOUND")));
    assert_eq!(answer(at(&server, Method::DELETE, &path)).await.0, 404);

    let (_, changed) = answer(upload(&server, "", "Name,Email\nBlake Other,blake@example.com\n")).await;
    let id = changed["id"].as_str().unwrap();
    assert_eq!(
        changed["changed"][0]["fields"],
        json!([{ "field": "name", "before": "Blake Example", "after": "Blake Other" }])
    );
    answer(at(&server, Method::POST, &format!("/contributors/imports/{id}/approve"))).await;
    let (_, versions) = answer(at(&server, Method::GET, "/contributors/versions")).await;
    assert_eq!((versions["versions"].as_array().unwrap().len(), &versions["versions"][0]["version"]), (2, &json!(2)));
    let (_, difference) = answer(at(&server, Method::GET, "/contributors/versions/1/diff?to=2")).await;
    assert_eq!(difference["counts"]["changed"], json!(1), "{difference}");
    assert_eq!(answer(at(&server, Method::POST, "/contributors/versions/1/restore")).await.0, 200);
    let (_, difference) = answer(at(&server, Method::GET, "/contributors/versions/1/diff")).await;
    assert_eq!(difference["counts"]["unchanged"], json!(4), "{difference}");
    assert_eq!(answer(at(&server, Method::POST, "/contributors/versions/9/restore")).await.0, 404);
}

#[tokio::test]
async fn what_is_wrong_with_an_upload_is_said() {
    let server = server().await;
    let (status, preview) = answer(upload(&server, "", "Name,Email\nA,a@example.com\nB,A@example.com\n")).await;
    assert_eq!((status, &preview["id"]), (422, &Value::Null), "{preview}");
    let error = json!([{ "code": "DUPLICATE_EMAIL", "count": 1, "samples": [
        { "row": 3, "column": "Email", "value": "a@example.com", "message": "It stands in row 2, too." }] }]);
    assert_eq!(preview["errors"], error);

    let post = || at(&server, Method::POST, "/contributors/import");
    for kind in ["application/x-www-form-urlencoded", "text/plain", "application/json"] {
        assert_eq!(answer(post().header("content-type", kind).body(TEAM)).await.0, 415, "{kind}");
    }
    let file = "; filename=\"a.csv\"";
    for (parts, said) in [
        (&[("other", file, TEAM)][..], "'file'"),
        (&[("file", file, TEAM), ("more", file, TEAM)], "more than one"),
        (&[("file", file, TEAM), ("mode", "", "DELETE")], "MERGE"),
        (&[("file", file, TEAM), ("colour", "", "blue")], "colour"),
    ] {
        let (status, refused) = answer(with_form(post(), parts)).await;
        assert_eq!(status, 400, "{parts:?}");
        assert!(refused["errors"][0]["message"].as_str().unwrap().contains(said), "{refused}");
    }
    let in_form = [("mode", "", "REPLACE"), ("attributes", "", "true"), ("file", file, TEAM)];
    let (status, preview) = answer(with_form(post(), &in_form)).await;
    assert_eq!((status, &preview["mode"], &preview["attributes"]), (200, &json!("REPLACE"), &json!(true)), "as parts");
    for query in ["?mode=SOME", "?attributes=perhaps", "?effectiveFrom=soon", "?x=1"] {
        assert_eq!(answer(upload(&server, query, TEAM)).await.0, 400, "{query}");
    }
    let half = form(&[("file", file, TEAM)]).split_at(100).0.to_owned();
    let cut = post().header("content-type", format!("multipart/form-data; boundary={BOUNDARY}")).body(half);
    assert_eq!(answer(cut).await.0, 400);
    let large = "x".repeat(throughline::people::csv::MOST_BYTES + 1);
    assert_eq!(answer(post().header("content-type", "text/csv").body(large.clone())).await.0, 413);
    assert_eq!(answer(upload(&server, "", &(large + &"x".repeat(100_000)))).await.0, 413);
}

#[tokio::test]
async fn no_page_of_another_site_uploads_or_approves() {
    let server = server().await;
    let (_, preview) = answer(upload(&server, "", TEAM)).await;
    let approve = format!("/contributors/imports/{}/approve", preview["id"].as_str().unwrap());
    for (name, value) in [
        ("origin", "https://evil.example.com"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
        ("referer", "https://evil.example.com/"),
    ] {
        assert_eq!(answer(upload(&server, "", TEAM).header(name, value)).await.0, 403, "{name}: {value}");
        assert_eq!(answer(at(&server, Method::POST, &approve).header(name, value)).await.0, 403, "{name}: {value}");
        let discard = at(&server, Method::DELETE, approve.trim_end_matches("/approve"));
        assert_eq!(answer(discard.header(name, value)).await.0, 403, "{name}: {value}");
    }
    let own = server.url.clone();
    assert_eq!(answer(upload(&server, "", TEAM).header("origin", own)).await.0, 200);
    let guarded = server_with(|config| config.api_token = Some(Secret::new("t0ken"))).await;
    assert_eq!(answer(upload(&guarded, "", TEAM)).await.0, 401);
    assert_eq!(answer(at(&guarded, Method::GET, "/contributors/export.csv")).await.0, 401);
    assert_eq!(answer(upload(&guarded, "", TEAM).bearer_auth("t0ken")).await.0, 200);
}

#[tokio::test]
async fn graphql_takes_files() {
    let server = server().await;
    let query = "mutation ($input: ImportContributorsInput!) { importContributors(input: $input) {
        preview { id counts { added } errors { code count } } userErrors { code } } }";
    let operations = json!({ "query": query, "variables": { "input": { "file": null, "mode": "MERGE" } } }).to_string();
    let parts = [
        ("operations", "", operations.as_str()),
        ("map", "", r#"{"0":["variables.input.file"]}"#),
        ("0", "; filename=\"people.csv\"\r\nContent-Type: text/csv", TEAM),
    ];
    let send = || with_form(at(&server, Method::POST, "/graphql"), &parts);
    let (status, refused) = answer(send()).await;
    assert_eq!(status, 415, "a form alone may come from any page: {refused}");
    let (status, answered) = answer(send().header("apollo-require-preflight", "true")).await;
    let preview = &answered["data"]["importContributors"]["preview"];
    assert_eq!((status, &preview["counts"]["added"], &preview["errors"]), (200, &json!(4), &json!([])), "{answered}");
    let approve = "mutation ($id: String!) { approveImport(input: { id: $id }) { version { number added } userErrors { code } } }";
    let approved = server.graphql(approve, json!({ "id": preview["id"] })).await;
    assert_eq!(approved["data"]["approveImport"]["version"]["number"], json!("1"), "{approved}");
    let large = "x".repeat(2 << 20);
    let parts = [parts[0], parts[1], ("0", "; filename=\"people.csv\"", large.as_str())];
    let request = with_form(at(&server, Method::POST, "/graphql"), &parts).header("apollo-require-preflight", "true");
    assert_eq!(answer(request).await.0, 200, "files may be larger than other bodies");
}
