//! Contributors are made, merged, split and locked by mutations, and everything can be taken back.

use serde_json::{Value, json};

use super::company;
use crate::server::Server;

async fn change(server: &Server, mutation: &str) -> Value {
    let answer = server.graphql(&format!("mutation {{ done: {mutation} }}"), json!({})).await;
    assert!(answer.get("errors").is_none(), "{mutation}\n{answer}");
    answer["data"]["done"].clone()
}

async fn ask(server: &Server, query: &str) -> Value {
    let answer = server.graphql(query, json!({})).await;
    assert!(answer.get("errors").is_none(), "{answer}");
    answer["data"].clone()
}

#[tokio::test]
async fn contributors_come_in_bulk_and_errors_name_the_row() {
    let server = company::server().await;
    let upsert = "mutation ($input: UpsertContributorsInput!) { done: upsertContributors(input: $input) {
        created changed unchanged results { effect contributor { name email manager { name } accounts { login } attributes { name value } startsOn } }
        userErrors { code field } change { seq } } }";
    let rows = json!([
        { "name": "Ann Applewick", "emails": ["ann@example.com", "Applewick@example.org"], "manager": "fay@example.com", "startsOn": "2020-01-01" },
        { "name": "Fay Fernwhistle", "emails": ["fay@example.com"], "attributes": [{ "name": "site", "text": "Bath" }, { "name": "remote", "boolean": true }] },
    ]);
    let answer = server.graphql(upsert, json!({ "input": { "contributors": rows } })).await;
    let done = &answer["data"]["done"];
    assert_eq!((&done["userErrors"], &done["created"]), (&json!([]), &json!(2)), "{answer}");
    let ann = &done["results"][0]["contributor"];
    assert_eq!((&ann["manager"]["name"], &ann["email"]), (&json!("Fay Fernwhistle"), &json!("ann@example.com")));
    let logins: Vec<&str> =
        ann["accounts"].as_array().expect("accounts").iter().filter_map(|a| a["login"].as_str()).collect();
    assert!(logins.contains(&"ann") && logins.contains(&"ann-at-home"), "both by their addresses: {logins:?}");
    assert_eq!(
        done["results"][1]["contributor"]["attributes"],
        json!([{ "name": "remote", "value": "true" }, { "name": "site", "value": "Bath" }])
    );

    let again = server.graphql(upsert, json!({ "input": { "contributors": rows } })).await;
    assert_eq!(
        (&again["data"]["done"]["unchanged"], &again["data"]["done"]["change"]),
        (&json!(2), &Value::Null),
        "{again}"
    );

    let wrong = json!([{ "name": "New One", "emails": ["new@example.com"] }, { "name": "Thief", "emails": ["thief@example.com"], "manager": "nobody@example.com" }, {}]);
    let answer = server.graphql(upsert, json!({ "input": { "contributors": wrong } })).await;
    let errors: Vec<(&str, &str)> = answer["data"]["done"]["userErrors"]
        .as_array()
        .expect("user errors")
        .iter()
        .map(|e| (e["code"].as_str().unwrap_or_default(), e["field"].as_str().unwrap_or_default()))
        .collect();
    assert!(errors.contains(&("MANAGER_NOT_FOUND", "input.contributors[1].manager")), "{answer}");
    assert!(errors.contains(&("REQUIRED_VALUE_MISSING", "input.contributors[2].name")), "{answer}");
    assert_eq!(ask(&server, "{ contributor(email: \"new@example.com\") { name } }").await["contributor"], Value::Null);
}

#[tokio::test]
async fn ten_thousand_rows_go_in_one_call() {
    let server = company::server().await;
    let row = |i: usize| {
        json!({ "name": format!("Person Number {i}"), "emails": [format!("person.{i}@example.com")], "externalId": format!("e{i}"),
            "manager": (i > 0).then(|| format!("e{}", i / 10)), "startsOn": "2020-01-01",
            "attributes": [{ "name": "site", "text": format!("Site {}", i % 50) }, { "name": "cost_centre", "text": format!("cc-{:04}", i % 300) }, { "name": "grade", "number": 7 }] })
    };
    let rows: Vec<Value> = (0..10_000).map(row).collect();
    let mutation = "mutation ($input: UpsertContributorsInput!) { done: upsertContributors(input: $input) { created userErrors { message } } }";
    let answer = server.graphql(mutation, json!({ "input": { "contributors": rows } })).await;
    assert_eq!(answer["data"]["done"], json!({ "created": 10_000, "userErrors": [] }), "{answer}");
    let found =
        ask(&server, "{ contributors(search: \"number 9999\") { totalCount nodes { manager { name } } } }").await;
    assert_eq!(
        found["contributors"],
        json!({ "totalCount": 1, "nodes": [{ "manager": { "name": "Person Number 999" } }] })
    );
    let mut many = rows;
    many.push(row(10_000));
    let answer = server.graphql(mutation, json!({ "input": { "contributors": many } })).await;
    assert_eq!(answer["data"]["done"]["created"], 0);
}

#[tokio::test]
async fn merging_splitting_and_locking_can_be_taken_back() {
    let server = company::with_people().await;
    let done = change(
        &server,
        "mergeContributors(input: { into: \"ann@example.com\", from: [\"bob@example.com\"] }) { contributor { name mergedIds accounts { login } } userErrors { message } }",
    )
    .await;
    assert_eq!(done["userErrors"], json!([]));
    assert!(done["contributor"]["accounts"].as_array().is_some_and(|accounts| accounts.len() >= 3), "{done}");
    let bob = ask(&server, "{ contributor(id: \"c-bob\") { name } }").await;
    assert_eq!(bob["contributor"]["name"], "Ann Applewick", "the id leads to who stays");
    let id = &done["contributor"]["mergedIds"][0];
    let done = change(&server, &format!("unmergeContributor(input: {{ id: {id} }}) {{ contributor {{ name accounts {{ login }} }} userErrors {{ message }} }}")).await;
    assert_eq!(done["contributor"]["name"], "Bob Brambleford", "{done}");

    let done = change(&server, "splitContributor(input: { accounts: [{ source: \"forge\", login: \"ann-at-home\" }], name: \"Ann Other\" }) { contributor { name isRegistered accounts { login rule } } userErrors { message } }").await;
    assert_eq!(
        done["contributor"],
        json!({ "name": "Ann Other", "isRegistered": true, "accounts": [{ "login": "ann-at-home", "rule": "MANUAL" }] }),
        "{done}"
    );
    let done = change(&server, "assignAccounts(input: { accounts: [{ source: \"forge\", login: \"ann-at-home\" }], contributor: \"c-ann\" }) { accounts { login status contributor { name } } userErrors { message } }").await;
    assert_eq!(
        done["accounts"],
        json!([{ "login": "ann-at-home", "status": "MATCHED", "contributor": { "name": "Ann Applewick" } }])
    );

    let done =
        change(&server, "lockContributors(input: { contributors: [\"c-ann\"] }) { contributors { isLocked } }").await;
    assert_eq!(done["contributors"], json!([{ "isLocked": true }]));
    let done = change(&server, "mergeContributors(input: { into: \"c-bob\", from: [\"c-ann\"] }) { contributor { name } userErrors { code field } }").await;
    assert_eq!(done, json!({ "contributor": null, "userErrors": [{ "code": "LOCKED", "field": "input.from[0]" }] }));
    let done =
        change(&server, "unlockContributors(input: { contributors: [\"c-ann\"] }) { contributors { isLocked } }").await;
    assert_eq!(done["contributors"], json!([{ "isLocked": false }]));

    let done = change(&server, "setBot(input: { accounts: [{ source: \"forge\", login: \"dov\" }], isBot: true }) { accounts { isBot } userErrors { message } }").await;
    assert_eq!(done["accounts"], json!([{ "isBot": true }]));
    let done = change(&server, "setIdentityRules(input: { sameLogins: [[\"forge\", \"tracker\"]], bots: [\"es.\"] }) { rules { byEmail sameLogins byName bots } userErrors { message } }").await;
    assert_eq!(
        done["rules"],
        json!({ "byEmail": true, "sameLogins": [["forge", "tracker"]], "byName": true, "bots": ["es."] })
    );
    let esa = ask(&server, "{ accounts(search: \"esa\") { nodes { source isBot } } }").await;
    assert!(esa["accounts"]["nodes"].as_array().expect("nodes").iter().all(|node| node["isBot"] == true), "{esa}");
    let done =
        change(&server, "setIdentityRules(input: { bots: [\"(\"] }) { rules { bots } userErrors { code field } }")
            .await;
    assert_eq!(done["userErrors"], json!([{ "code": "INVALID_VALUE", "field": "input.bots[0]" }]), "{done}");
}

#[tokio::test]
async fn deleted_contributors_come_back_as_they_were() {
    let server = company::with_people().await;
    let done = change(
        &server,
        "deleteContributors(input: { contributors: [\"bob@example.com\"] }) { deletedIds userErrors { message } }",
    )
    .await;
    assert_eq!(done["deletedIds"].as_array().map(Vec::len), Some(1), "{done}");
    let gone = ask(
        &server,
        "{ contributor(id: \"c-bob\") { name } account: contributor(login: \"forge/bob\") { isRegistered } }",
    )
    .await;
    assert_eq!(gone, json!({ "contributor": null, "account": { "isRegistered": false } }));
    let missing = change(
        &server,
        "deleteContributors(input: { contributors: [\"nobody\"] }) { deletedIds userErrors { code field } }",
    )
    .await;
    assert_eq!(missing["userErrors"], json!([{ "code": "NOT_FOUND", "field": "input.contributors[0]" }]));
}

#[tokio::test]
async fn licence_use_counts_people_not_accounts() {
    let server = company::with_people().await;
    let data = ask(
        &server,
        "{ licenceUse(period: { between: { from: \"2026-01-05\", to: \"2026-07-06\" } }) { sourceControl(first: 100) { totalCount nodes { name } } active { totalCount } }
           none: licenceUse(period: { between: { from: \"2020-01-01\", to: \"2020-02-01\" } }) { sourceControl { totalCount } active { totalCount } } }",
    )
    .await;
    let names: Vec<&str> = data["licenceUse"]["sourceControl"]["nodes"]
        .as_array()
        .expect("nodes")
        .iter()
        .filter_map(|n| n["name"].as_str())
        .collect();
    // Ann has two accounts; the two bots do not count.
    assert_eq!(names.iter().filter(|name| name.starts_with("Ann")).count(), 1, "{names:?}");
    assert_eq!((names.len(), &data["licenceUse"]["active"]["totalCount"]), (8, &json!(8)), "{names:?}");
    assert_eq!(data["none"], json!({ "sourceControl": { "totalCount": 8 }, "active": { "totalCount": 0 } }));
}
