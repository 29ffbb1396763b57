//! Whole organisations by file: imports of contributors, documents of teams, builds of trees, and the audit as CSV.

use serde_json::{Value, json};

use super::company;
use crate::server::Server;

async fn change(server: &Server, mutation: &str, variables: Value) -> Value {
    let answer = server.graphql(&format!("mutation {mutation}"), variables).await;
    assert!(answer.get("errors").is_none(), "{mutation}\n{answer}");
    answer["data"]["done"].clone()
}

async fn ask(server: &Server, query: &str) -> Value {
    let answer = server.graphql(query, json!({})).await;
    assert!(answer.get("errors").is_none(), "{answer}");
    answer["data"].clone()
}

const IMPORT: &str = "($text: String!, $mode: ImportMode) { done: importContributors(input: { text: $text, filename: \"people.csv\", mode: $mode, attributes: true }) {
    preview { id rows counts { added changed removed unchanged } added { name } errors { code count } columns { name field } } userErrors { message } change { seq } } }";
const APPROVE: &str = "($id: String!) { done: approveImport(input: { id: $id }) { version { number mode added } userErrors { code } change { seq } } }";

#[tokio::test]
async fn an_import_is_previewed_approved_and_restored() {
    let server = company::server().await;
    let text = "Name,Email,ManagerEmail,Department\nAnn Applewick,ann@example.com,,Jam\nBob Brambleford,bob@example.com,ann@example.com,Money\n";
    let done = change(&server, IMPORT, json!({ "text": text, "mode": "MERGE" })).await;
    assert_eq!(done["preview"]["counts"], json!({ "added": 2, "changed": 0, "removed": 0, "unchanged": 0 }), "{done}");
    assert_eq!((&done["preview"]["errors"], &done["change"]), (&json!([]), &Value::Null));
    assert_eq!(
        ask(&server, "{ contributors(filter: { isRegistered: true }) { totalCount } }").await["contributors"]["totalCount"],
        0
    );

    let approved = change(&server, APPROVE, json!({ "id": done["preview"]["id"] })).await;
    assert_eq!((&approved["version"]["added"], &approved["userErrors"]), (&json!(2), &json!([])), "{approved}");
    let again = change(&server, APPROVE, json!({ "id": done["preview"]["id"] })).await;
    assert_eq!(again["userErrors"], json!([{ "code": "CONFLICT" }]));
    let bob =
        ask(&server, "{ contributor(email: \"bob@example.com\") { manager { name } attributes { name value } } }")
            .await;
    assert_eq!(
        bob["contributor"],
        json!({ "manager": { "name": "Ann Applewick" }, "attributes": [{ "name": "Department", "value": "Money" }] })
    );

    let replaced =
        change(&server, IMPORT, json!({ "text": "Name,Email\nAnn Apple,ann@example.com\n", "mode": "REPLACE" })).await;
    assert_eq!(replaced["preview"]["counts"]["changed"], 1, "{replaced}");
    change(&server, APPROVE, json!({ "id": replaced["preview"]["id"] })).await;
    let versions = ask(&server, "{ contributorVersions { number mode } }").await;
    let number: i64 =
        versions["contributorVersions"][1]["number"].as_str().expect("a number").parse().expect("a number");
    let difference = ask(&server, &format!("{{ contributorVersionDifference(from: {number}) {{ counts {{ changed }} changed {{ name fields {{ field before after }} }} }} }}")).await;
    assert!(
        difference["contributorVersionDifference"]["changed"].as_array().is_some_and(|changed| !changed.is_empty()),
        "{difference}"
    );
    let restored = change(&server, &format!("{{ done: restoreContributorVersion(input: {{ number: {number} }}) {{ version {{ mode }} userErrors {{ code }} }} }}"), json!({})).await;
    assert_eq!(restored["version"]["mode"], "RESTORE", "{restored}");
    let ann = ask(&server, "{ contributor(email: \"ann@example.com\") { name } }").await;
    assert_eq!(ann["contributor"]["name"], "Ann Applewick");
}

#[tokio::test]
async fn a_file_with_errors_is_not_approved_and_a_waiting_one_can_be_discarded() {
    let server = company::server().await;
    let wrong = change(
        &server,
        IMPORT,
        json!({ "text": "Name,Email,ManagerEmail\nAnn,ann@example.com,nobody@example.com\n,x@example.com,\n" }),
    )
    .await;
    let codes: Vec<&str> =
        wrong["preview"]["errors"].as_array().expect("errors").iter().filter_map(|e| e["code"].as_str()).collect();
    assert!(codes.contains(&"MANAGER_NOT_FOUND") && codes.contains(&"REQUIRED_VALUE_MISSING"), "{wrong}");
    assert_eq!(wrong["preview"]["id"], Value::Null);
    let good = change(&server, IMPORT, json!({ "text": "Name,Email\nAnn,ann@example.com\n" })).await;
    let id = &good["preview"]["id"];
    let waiting = ask(&server, &format!("{{ contributorImport(id: {id}) {{ counts {{ added }} }} }}")).await;
    assert_eq!(waiting["contributorImport"]["counts"]["added"], 1, "{waiting}");
    let gone =
        change(&server, &format!("{{ done: discardImport(input: {{ id: {id} }}) {{ discarded }} }}"), json!({})).await;
    assert_eq!(gone["discarded"], true);
    let absent = change(&server, APPROVE, json!({ "id": id })).await;
    assert_eq!(absent["userErrors"], json!([{ "code": "NOT_FOUND" }]));
}

#[tokio::test]
async fn a_document_goes_there_and_back() {
    let server = company::server().await;
    server.app.make_sample_people().await.expect("the sample's people");
    let apply = "($document: String!, $dryRun: Boolean) { done: applyDocument(input: { document: $document, dryRun: $dryRun }) { differences { kind path before after } userErrors { code message field } change { action } } }";
    let document = ask(&server, "{ orgDocument }").await["orgDocument"].as_str().expect("a document").to_owned();
    assert!(document.contains("engineering/shop"), "{document}");
    let same = change(&server, apply, json!({ "document": document })).await;
    assert_eq!(same, json!({ "differences": [], "userErrors": [], "change": null }));
    let more = "[[teams]]\npath = \"engineering/jelly\"\nname = \"Jelly\"\nmembers = [\"gus@example.com\"]\n";
    let dry = change(&server, apply, json!({ "document": more, "dryRun": true })).await;
    assert!(
        dry["differences"].as_array().is_some_and(|d| d.iter().any(|d| d["kind"] == "TEAM" && d["before"].is_null())),
        "{dry}"
    );
    assert_eq!(ask(&server, "{ team(path: \"engineering/jelly\") { name } }").await["team"], Value::Null);
    let done = change(&server, apply, json!({ "document": more })).await;
    // The new team has another id, by which spans are ordered.
    let named = |done: &Value| -> Vec<String> {
        let differences = done["differences"].as_array().expect("differences").iter();
        differences.map(|d| format!("{} {}", d["kind"], d["path"])).collect()
    };
    assert_eq!((named(&done), &done["change"]["action"]), (named(&dry), &json!("APPLY_DOCUMENT")));
    let jelly = ask(&server, "{ team(path: \"engineering/jelly\") { name members { nodes { name } } } }").await;
    assert_eq!(jelly["team"], json!({ "name": "Jelly", "members": { "nodes": [{ "name": "Gus Goosequill" }] } }));
    let wrong =
        change(&server, apply, json!({ "document": "[[teams]]\npath = \"x\"\nmembers = [\"nobody@example.com\"]\n" }))
            .await;
    assert_eq!(wrong["userErrors"].as_array().map(Vec::len), Some(1), "{wrong}");
    assert!(
        wrong["userErrors"][0]["field"].as_str().is_some_and(|field| field.starts_with("input.document")),
        "{wrong}"
    );
}

#[tokio::test]
async fn a_tree_is_previewed_and_built_of_attributes_and_conditions_are_tried() {
    let server = company::server().await;
    server.app.make_sample_people().await.expect("the sample's people");
    let made = change(&server, "{ done: createOrgTree(input: { name: \"Sites\", levels: [\"Site\"] }) { orgTree { id } userErrors { message } } }", json!({})).await;
    assert_eq!(made["userErrors"], json!([]), "{made}");
    let plan = "isFirst teamCount peopleCount added { path people } closed { path } unmatched { totalCount } people { totalCount }";
    let preview = ask(
        &server,
        &format!("{{ previewOrgTree(id: \"sites\") {{ {plan} }} trees: orgTrees {{ name roots {{ path }} }} }}"),
    )
    .await;
    let added =
        json!([{ "path": "bath", "people": 4 }, { "path": "new-york", "people": 1 }, { "path": "wells", "people": 3 }]);
    assert_eq!(preview["previewOrgTree"]["added"], added, "{preview}");
    assert_eq!(preview["trees"][1], json!({ "name": "Sites", "roots": [] }));
    let built = change(&server, &format!("{{ done: buildOrgTree(input: {{ id: \"sites\" }}) {{ orgTree {{ roots {{ path members {{ totalCount }} }} }} plan {{ {plan} }} userErrors {{ message }} }} }}"), json!({})).await;
    assert_eq!(built["plan"]["added"], added, "{built}");
    assert_eq!(built["orgTree"]["roots"][0], json!({ "path": "bath", "members": { "totalCount": 4 } }));
    let tried = ask(
        &server,
        "{ testCondition(condition: { any: [{ test: { field: \"repository\", operator: STARTS_WITH, values: [\"b\", \"pay\"] } }, { test: { field: \"service\", operator: EQUALS, values: [\"ledger\"] } }] }) { field matched matchedCount totalCount }
           contributors(filter: { condition: { test: { field: \"Site\", operator: EQUALS, values: [\"New York\"] } } }) { nodes { name } } }",
    )
    .await;
    assert_eq!(
        tried["testCondition"],
        json!([
            { "field": "repository", "matched": ["basket", "payments"], "matchedCount": 2, "totalCount": 5 },
            { "field": "service", "matched": ["ledger"], "matchedCount": 1, "totalCount": 4 },
        ])
    );
    assert_eq!(tried["contributors"]["nodes"], json!([{ "name": "Esa Eldermoss" }]));
}

#[tokio::test]
async fn the_audit_goes_out_as_csv() {
    let server = company::with_people().await;
    change(&server, "{ done: createTeam(input: { name: \"=1+1\" }) { team { id } } }", json!({})).await;
    let get = async |query: &str| {
        let response = server.client.get(format!("{}/audit.csv{query}", server.url)).send().await.expect("an answer");
        (response.status().as_u16(), response.text().await.expect("text"))
    };
    let (status, text) = get("").await;
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!((status, lines[0]), (200, "seq,at,actor,door,action,summary,kind,key,before,after"));
    assert_eq!(lines.len(), 1 + 1 + 17, "{text}");
    assert!(lines[1].starts_with("2,") && lines[1].contains("CREATE_TEAM"), "{}", lines[1]);
    let (_, text) = get("?kind=TEAM&actor=tester").await;
    assert_eq!(text.lines().count(), 1 + 4);
    assert_eq!(get("?kind=nonsense").await.0, 400);
}
