//! What can be asked of people and teams.

use serde_json::{Value, json};
use throughline::people::document::Kind;

use super::company;
use crate::server::Server;

async fn ask(server: &Server, query: &str) -> Value {
    let answer = server.graphql(query, json!({})).await;
    assert!(answer.get("errors").is_none(), "{answer}");
    answer["data"].clone()
}

/// The code of the only error.
async fn code(server: &Server, query: &str) -> String {
    let answer = server.graphql(query, json!({})).await;
    let errors = answer["errors"].as_array().unwrap_or_else(|| panic!("no errors: {answer}"));
    assert_eq!(errors.len(), 1, "{answer}");
    errors[0]["extensions"]["code"].as_str().expect("a code").to_owned()
}

#[tokio::test]
async fn before_anybody_is_registered_people_are_detected_from_accounts() {
    let server = company::server().await;
    let data = ask(&server, "{ contributors(first: 100) { totalCount nodes { name isRegistered isBot } } orgTrees { name } viewer { actor tokenRequired door } }").await;
    assert_eq!(data["orgTrees"], json!([]));
    assert_eq!(data["viewer"], json!({ "actor": "anonymous", "tokenRequired": false, "door": "GRAPHQL" }));
    let names: Vec<&str> = data["contributors"]["nodes"]
        .as_array()
        .expect("nodes")
        .iter()
        .map(|n| n["name"].as_str().expect("a name"))
        .collect();
    assert!(names.contains(&"Bob Brambleford") && !names.contains(&"crumb"), "{names:?}");
    let pending = ask(
        &server,
        "{ accounts(status: PENDING, first: 100) { totalCount nodes { login status contributor { isRegistered } } } }",
    )
    .await;
    assert!(pending["accounts"]["totalCount"].as_u64().expect("a number") >= 9, "{pending}");
    assert!(pending["accounts"]["nodes"].as_array().expect("nodes").iter().all(|node| node["status"] == "PENDING"));
}

#[tokio::test]
async fn a_contributor_is_found_by_id_email_login_and_as_one_types() {
    let server = company::with_people().await;
    let fields = "{ id name email manager { name } reports { totalCount nodes { name } } accounts { source login rule }
        attributes { name type value number } teams { path } early: teams(at: \"2026-02-15\") { path }
        memberships { team { name } from to shared } }";
    let bob =
        ask(&server, &format!("{{ contributor(email: \"BOB@example.com\") {fields} }}")).await["contributor"].clone();
    assert_eq!(bob["name"], "Bob Brambleford");
    assert_eq!(bob["manager"], json!({ "name": "Ann Applewick" }));
    assert_eq!(bob["accounts"], json!([{ "source": "forge", "login": "bob", "rule": "MANUAL" }]));
    assert_eq!(bob["teams"], json!([{ "path": "engineering/money" }]));
    assert_eq!(bob["early"], json!([{ "path": "engineering/shop" }]));
    assert_eq!(
        bob["memberships"],
        json!([
            { "team": { "name": "Shop" }, "from": null, "to": "2026-02-16", "shared": false },
            { "team": { "name": "Money" }, "from": "2026-02-16", "to": null, "shared": false },
        ])
    );
    let id = bob["id"].as_str().expect("an id");
    let same = ask(
        &server,
        &format!(
            "{{ a: contributor(id: \"{id}\") {{ name }} b: contributor(id: \"c-bob\") {{ name }} c: contributor(login: \"bob\") {{ name }}
               d: contributor(login: \"forge/bob\") {{ name }} e: node(id: \"{id}\") {{ ... on Contributor {{ name }} }}
               f: contributor(login: \"nobody\") {{ name }} }}"
        ),
    )
    .await;
    for alias in ["a", "b", "c", "d", "e"] {
        assert_eq!(same[alias], json!({ "name": "Bob Brambleford" }), "{alias}");
    }
    assert_eq!(same["f"], Value::Null);
    let ann = ask(&server, &format!("{{ contributor(login: \"ann-at-home\") {fields} }}")).await["contributor"].clone();
    assert_eq!(
        ann["reports"],
        json!({ "totalCount": 2, "nodes": [{ "name": "Bob Brambleford" }, { "name": "Cleo Cinderhatch" }] })
    );
    assert_eq!(
        ann["attributes"],
        json!([
            { "name": "grade", "type": "NUMBER", "value": "7", "number": 7.0 },
            { "name": "site", "type": "TEXT", "value": "Bath", "number": null },
        ])
    );
    let typed = ask(
        &server,
        "{ a: contributors(search: \"bra bo\") { nodes { name } } b: contributors(search: \"ann-at\") { nodes { name } }
           c: contributors(filter: { teams: [\"engineering/platform\"] }) { nodes { name } }
           d: contributors(filter: { attributes: [{ name: \"site\", values: [\"Bath\", \"Wells\"] }] }) { nodes { name } }
           e: contributors(filter: { isRegistered: true }, orderBy: { field: NAME, direction: DESC }) { nodes { name } }
           attributes { name types contributors examples } }",
    )
    .await;
    assert_eq!(typed["a"]["nodes"], json!([{ "name": "Bob Brambleford" }]));
    assert_eq!(typed["b"]["nodes"], json!([{ "name": "Ann Applewick" }]));
    assert_eq!(typed["c"]["nodes"], json!([{ "name": "Cleo Cinderhatch" }]));
    assert_eq!(typed["d"]["nodes"], json!([{ "name": "Ann Applewick" }]));
    let backwards = json!([{ "name": "Cleo Cinderhatch" }, { "name": "Bob Brambleford" }, { "name": "Ann Applewick" }]);
    assert_eq!(typed["e"]["nodes"], backwards);
    assert_eq!(
        typed["attributes"][0],
        json!({ "name": "grade", "types": ["NUMBER"], "contributors": 1, "examples": ["7"] })
    );
    assert_eq!(code(&server, "{ contributor { name } }").await, "BAD_USER_INPUT");
    assert_eq!(code(&server, "{ contributors(first: 101) { totalCount } }").await, "BAD_USER_INPUT");
    assert_eq!(code(&server, "{ contributors(filter: { teams: [\"x\"] }) { totalCount } }").await, "BAD_USER_INPUT");
}

#[tokio::test]
async fn pages_of_contributors_hold_each_once_in_both_directions() {
    let server = company::with_people().await;
    let all = ask(&server, "{ contributors(first: 100) { nodes { id } } }").await;
    let all: Vec<Value> = all["contributors"]["nodes"].as_array().expect("nodes").clone();
    assert!(all.len() > 5);
    for (size, cursor, edge) in [("first", "after", "endCursor"), ("last", "before", "startCursor")] {
        let (mut found, mut at) = (Vec::new(), String::new());
        loop {
            let query = format!(
                "{{ contributors({size}: 3 {at}) {{ nodes {{ id }} pageInfo {{ {edge} hasNextPage hasPreviousPage }} }} }}"
            );
            let page = ask(&server, &query).await["contributors"].clone();
            let mut nodes = page["nodes"].as_array().expect("nodes").clone();
            let more =
                if size == "first" { &page["pageInfo"]["hasNextPage"] } else { &page["pageInfo"]["hasPreviousPage"] };
            if size == "last" {
                nodes.extend(found);
                found = nodes;
            } else {
                found.extend(nodes);
            }
            if *more == false {
                break;
            }
            at = format!("{cursor}: {}", page["pageInfo"][edge]);
        }
        assert_eq!(found, all, "{size}");
    }
}

#[tokio::test]
async fn teams_stand_in_their_tree_with_members_and_settings() {
    let server = company::with_people().await;
    let data = ask(
        &server,
        "{ team(path: \"engineering/money\") {
             id name path orgTree { name isDefault roots { path } } parent { path } ancestors { path } isLeaf manager { name }
             members { nodes { name } } early: members(at: \"2026-02-15\") { nodes { name } }
             settings { own { peopleFilters { metric } } effective {
               sources { all { test { field operator values } } json } sourcesFrom { name } peopleFilters { metric applies from { name } } } } }
           top: team(path: \"Engineering\") { children { name } members(scope: ALL) { totalCount nodes { name } } direct: members(scope: DIRECT) { totalCount } }
           none: team(path: \"engineering/jam\") { id }
           teams(search: \"mon\") { nodes { path } } leaves: teams(leavesOnly: true) { totalCount } }",
    )
    .await;
    let money = &data["team"];
    assert_eq!(
        money["orgTree"],
        json!({ "name": "Organisation", "isDefault": true, "roots": [{ "path": "engineering" }] })
    );
    assert_eq!(
        (&money["parent"], &money["ancestors"]),
        (&json!({ "path": "engineering" }), &json!([{ "path": "engineering" }]))
    );
    assert_eq!(money["members"]["nodes"], json!([{ "name": "Bob Brambleford" }]));
    assert_eq!(money["early"]["nodes"], json!([]));
    let effective = &money["settings"]["effective"];
    assert_eq!(effective["sources"]["all"][0]["test"]["values"], json!(["payments"]));
    assert_eq!(effective["sourcesFrom"], json!({ "name": "Money" }));
    assert_eq!(
        effective["peopleFilters"],
        json!([{ "metric": "CHANGE_FAILURE_RATE", "applies": false, "from": { "name": "Engineering" } }])
    );
    assert_eq!(money["settings"]["own"]["peopleFilters"], json!([]));
    let everybody = json!([{ "name": "Ann Applewick" }, { "name": "Bob Brambleford" }, { "name": "Cleo Cinderhatch" }]);
    assert_eq!(data["top"]["members"], json!({ "totalCount": 3, "nodes": everybody }));
    assert_eq!(data["top"]["direct"], json!({ "totalCount": 0 }));
    assert_eq!(data["top"]["children"], json!([{ "name": "Money" }, { "name": "Platform" }, { "name": "Shop" }]));
    assert_eq!((&data["none"], &data["leaves"]), (&Value::Null, &json!({ "totalCount": 3 })));
    assert_eq!(data["teams"]["nodes"], json!([{ "path": "engineering/money" }]));
    let id = money["id"].as_str().expect("an id");
    let same = ask(
        &server,
        &format!("{{ node(id: \"{id}\") {{ ... on Team {{ name }} }} team(id: \"t-shop\") {{ manager {{ name }} }} }}"),
    )
    .await;
    assert_eq!(same, json!({ "node": { "name": "Money" }, "team": { "manager": { "name": "Ann Applewick" } } }));
}

#[tokio::test]
async fn activity_adds_up_over_all_accounts_and_days() {
    let server = company::with_people().await;
    let period = "period: { between: { from: \"2026-01-01\", to: \"2026-07-10\" } }";
    let days = "{ date items commits pullRequests reviews comments issues }";
    let body = json!({
        "query": format!("{{ ann: contributor(id: \"c-ann\") {{ activity({period}) {days} accounts {{ items codeItems }} }} contributors(first: 100) {{ nodes {{ activity({period}) {days} }} }} }}"),
        "extensions": { "explain": true },
    });
    let answer = server.graphql_with(body).await;
    assert!(answer.get("errors").is_none(), "{answer}");
    let ann = &answer["data"]["ann"];
    let days = ann["activity"].as_array().expect("days");
    let sum = |field: &str| days.iter().map(|day| day[field].as_i64().expect("a number")).sum::<i64>();
    let kinds = ["commits", "pullRequests", "reviews", "comments", "issues"].map(sum);
    assert_eq!(kinds.iter().sum::<i64>(), sum("items"));
    assert!(kinds[0] > 10 && kinds[1] > 5, "{kinds:?}");
    // A commit of before the period is not in it.
    let known: i64 =
        ann["accounts"].as_array().expect("accounts").iter().map(|a| a["codeItems"].as_i64().expect("a number")).sum();
    assert!(kinds[0] + kinds[1] + kinds[2] <= known, "{kinds:?} {known}");
    assert!(days.windows(2).all(|pair| pair[0]["date"].as_str() < pair[1]["date"].as_str()));
    let plans = answer["extensions"]["plans"].as_u64().expect("a number");
    assert!(plans <= 2, "{plans} plans: one for each level that asks");
}

#[tokio::test]
async fn the_audit_tells_before_and_after_and_earlier_states_can_be_read() {
    let server = company::with_people().await;
    company::put(
        &server.app,
        "renamed",
        vec![(Kind::Team, "t-money", json!({ "tree": "o-main", "name": "Cash", "parents": [{ "parent": "t-eng" }] }))],
    )
    .await;
    let audit = ask(&server, "{ audit(filter: { kind: TEAM, key: \"t-money\" }) { totalCount nodes { seq action actor door kind key before after change { summary } } pageInfo { hasNextPage } } }").await;
    let nodes = &audit["audit"]["nodes"];
    assert_eq!(audit["audit"]["totalCount"], 2, "{audit}");
    assert_eq!(nodes[0]["change"]["summary"], "renamed");
    assert_eq!((&nodes[0]["actor"], &nodes[0]["door"], &nodes[0]["seq"]), (&json!("tester"), &json!("CLI"), &json!(2)));
    assert_eq!(nodes[0]["before"], nodes[1]["after"]);
    assert!(nodes[0]["after"].as_str().expect("a document").contains("Cash") && nodes[1]["before"].is_null());
    let mut found = Vec::new();
    let mut after = String::new();
    loop {
        let page = ask(&server, &format!("{{ audit(first: 4 {after}) {{ totalCount nodes {{ seq kind key }} pageInfo {{ hasNextPage endCursor }} }} }}")).await["audit"].clone();
        found.extend(
            page["nodes"].as_array().expect("nodes").iter().map(|n| format!("{} {} {}", n["seq"], n["kind"], n["key"])),
        );
        if page["pageInfo"]["hasNextPage"] == false {
            assert_eq!(page["totalCount"], found.len());
            break;
        }
        after = format!("after: {}", page["pageInfo"]["endCursor"]);
    }
    assert_eq!(found.len(), 18);
    assert_eq!(found.iter().collect::<std::collections::BTreeSet<_>>().len(), 18, "each once");
    let early = "asOf: \"2026-07-09T00:00:00Z\"";
    let states = ask(&server, &format!("{{ now: team(path: \"engineering/cash\") {{ name }} then: orgTrees({early}) {{ name }} contributor(id: \"c-bob\", {early}) {{ name }} }}")).await;
    assert_eq!(states, json!({ "now": { "name": "Cash" }, "then": [], "contributor": null }));
}
