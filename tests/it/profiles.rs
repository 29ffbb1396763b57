//! Profiles over a real server: from when on a change holds, whom it reaches, what a dry run says, and documents there and
//! back.

mod documents;
mod preview;
mod wrong;

use serde_json::{Value, json};
use throughline::clock::Clock;

use crate::company;
use crate::server::Server;

/// After the sample company's half year, on a Friday.
const NOW: &str = "2026-07-10T00:00:00Z";

/// A server over the sample company, with its people.
pub async fn server() -> Server {
    let clock = Clock::Fixed(NOW.parse().unwrap());
    let server = Server::start_with(company::sample(clock).await, |config| config.clock = clock).await;
    server.app.make_sample_people().await.unwrap();
    server
}

/// The data of an answer without errors.
pub async fn data(server: &Server, query: &str, variables: Value) -> Value {
    let answer = server.graphql(query, variables).await;
    assert!(answer.get("errors").is_none(), "{answer}");
    answer["data"].clone()
}

/// Makes a change that has nothing wrong; gives its payload.
pub async fn change(server: &Server, field: &str, input: Value, selection: &str) -> Value {
    let payload = tried(server, field, input, selection).await;
    assert_eq!(payload["userErrors"], json!([]), "{payload}");
    payload
}

/// Tries a change; gives its payload.
pub async fn tried(server: &Server, field: &str, input: Value, selection: &str) -> Value {
    let of = format!("{}{}", field[..1].to_uppercase(), &field[1..]);
    let query = format!(
        "mutation($input: {of}Input!) {{ {field}(input: $input) {{ {selection} userErrors {{ code field message }} }} }}"
    );
    data(server, &query, json!({ "input": input })).await[field].clone()
}

/// Makes a profile that is assigned to the default org tree; gives its id.
pub async fn everybodys(server: &Server, kind: &str, name: &str) -> String {
    let made = change(server, "createProfile", json!({ "kind": kind, "name": name }), "profile { id }").await;
    let assigned = json!({ "assignments": [{ "orgTree": "Organisation", "kind": kind, "profile": name }] });
    change(server, "assignProfiles", assigned, "orgTrees { name }").await;
    made["profile"]["id"].as_str().unwrap().to_owned()
}

/// Small pull requests by month from January to June, of the organisation and of three teams.
async fn small_by_month(server: &Server) -> [Vec<f64>; 4] {
    let months = ["2026-01-01", "2026-02-01", "2026-03-01", "2026-04-01", "2026-05-01", "2026-06-01", "2026-07-01"];
    let fields = months.windows(2).enumerate().map(|(n, month)| {
        let period = format!(r#"{{ between: {{ from: "{}", to: "{}" }} }}"#, month[0], month[1]);
        format!("m{n}: metric(name: PULL_REQUEST_VELOCITY, period: {period}) {{ counts {{ name value }} }}")
    });
    let fields: String = fields.collect();
    let query = format!(
        r#"{{ all: organization {{ {fields} }} engineering: team(path: "engineering") {{ {fields} }}
            shop: team(path: "engineering/shop") {{ {fields} }} money: team(path: "engineering/money") {{ {fields} }} }}"#
    );
    let answer = data(server, &query, json!({})).await;
    let of = |scope: &str| {
        let small = |n: usize| answer[scope][format!("m{n}")]["counts"][0]["value"].as_f64().unwrap();
        (0..6).map(small).collect()
    };
    [of("all"), of("engineering"), of("shop"), of("money")]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_moves_only_numbers_from_its_day_on() {
    let server = server().await;
    everybodys(&server, "PRODUCTIVITY", "Sizes").await;
    let before = small_by_month(&server).await;
    assert_eq!(before[0], [4.0, 5.0, 5.0, 2.0, 5.0, 6.0], "an empty profile says what is built in");
    let sizes = json!([{ "name": "small_pull_request_below", "number": 50 }]);
    let input = json!({ "id": "Sizes", "from": "2026-04-01", "parameters": sizes });
    let made = change(&server, "updateProfile", input, "profile { versions { from parameters { name } } }").await;
    let versions = &made["profile"]["versions"];
    assert_eq!(versions[0]["from"], json!(null), "what was before is there still: {made}");
    assert_eq!(versions[1], json!({ "from": "2026-04-01", "parameters": [{ "name": "small_pull_request_below" }] }));
    let after = small_by_month(&server).await;
    assert_eq!(after[0], [4.0, 5.0, 5.0, 10.0, 13.0, 12.0]);
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(before[..3], after[..3], "history stays");
    }
    // Another version in the midst of them changes its own time alone.
    let input = json!({ "id": "Sizes", "from": "2026-05-01", "parameters": [{ "name": "small_pull_request_below", "reset": true }] });
    change(&server, "updateProfile", input, "profile { id }").await;
    assert_eq!(small_by_month(&server).await[0], [4.0, 5.0, 5.0, 10.0, 5.0, 6.0]);
    // Without it the one before holds on; without both all is as it was.
    let input = json!({ "id": "Sizes", "removeVersions": ["2026-05-01"] });
    change(&server, "updateProfile", input, "profile { id }").await;
    assert_eq!(small_by_month(&server).await, after);
    let input = json!({ "id": "Sizes", "removeVersions": ["2026-04-01"] });
    change(&server, "updateProfile", input, "profile { id }").await;
    assert_eq!(small_by_month(&server).await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_team_s_own_profile_changes_it_and_what_is_below_not_what_is_above() {
    let server = server().await;
    let before = small_by_month(&server).await;
    let sizes = json!([{ "name": "small_pull_request_below", "number": 50 }]);
    let input = json!({ "kind": "PRODUCTIVITY", "name": "Sizes", "parameters": sizes });
    change(&server, "createProfile", input, "profile { id }").await;
    assert_eq!(small_by_month(&server).await, before, "a profile that nobody has changes nothing");
    let to = |team: &str, profile: Value| json!({ "assignments": [{ "team": team, "kind": "PRODUCTIVITY", "profile": profile }] });
    let done =
        change(&server, "assignProfiles", to("engineering/shop", json!("Sizes")), "profiles { isOwn team { path } }")
            .await;
    assert_eq!(done["profiles"], json!([{ "isOwn": true, "team": { "path": "engineering/shop" } }]));
    let [all, engineering, shop, money] = small_by_month(&server).await;
    assert_eq!((&all, &engineering, &money), (&before[0], &before[1], &before[3]));
    assert!(shop.iter().sum::<f64>() > before[2].iter().sum(), "{shop:?} {:?}", before[2]);
    // Above them both: what is below inherits it, where it has none of its own.
    change(&server, "assignProfiles", to("engineering", json!("Sizes")), "teams { path }").await;
    change(&server, "assignProfiles", to("engineering/shop", json!("PRODUCTIVITY")), "teams { path }").await;
    let [all, engineering, shop, money] = small_by_month(&server).await;
    assert_eq!((&all, &shop), (&before[0], &before[2]), "what is built in is a profile, too");
    assert!(engineering.iter().sum::<f64>() > before[1].iter().sum());
    assert!(money.iter().sum::<f64>() > before[3].iter().sum());
    let held = r#"{ team(path: "engineering/money") { profiles { kind isOwn profile { name } team { path } }
        settings { own { sources { json } } } } }"#;
    let held = data(&server, held, json!({})).await;
    let of = &held["team"]["profiles"][1];
    assert_eq!(of["profile"]["name"], "Sizes");
    assert_eq!((&of["isOwn"], &of["team"]["path"]), (&json!(false), &json!("engineering")));
    assert!(held["team"]["settings"]["own"]["sources"].is_object(), "its settings are there still");
    change(&server, "assignProfiles", to("engineering", Value::Null), "teams { path }").await;
    change(&server, "assignProfiles", to("engineering/shop", Value::Null), "teams { path }").await;
    assert_eq!(small_by_month(&server).await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_profile_in_use_needs_another_in_its_place() {
    let server = server().await;
    let id = everybodys(&server, "PRODUCTIVITY", "Sizes").await;
    let input = json!({ "team": "engineering/shop", "kind": "PRODUCTIVITY", "profile": "Sizes" });
    change(&server, "assignProfiles", json!({ "assignments": [input] }), "teams { path }").await;
    let refused = tried(&server, "deleteProfile", json!({ "id": id }), "deletedId").await;
    assert_eq!((&refused["deletedId"], &refused["userErrors"][0]["code"]), (&json!(null), &json!("CONFLICT")));
    assert!(refused["userErrors"][0]["message"].as_str().unwrap().contains("1 org trees and 1 teams"), "{refused}");
    change(&server, "createProfile", json!({ "kind": "PRODUCTIVITY", "name": "Others" }), "profile { id }").await;
    let gone = change(&server, "deleteProfile", json!({ "id": id, "replacement": "Others" }), "deletedId").await;
    assert_eq!(gone["deletedId"], json!(id));
    let held = r#"{ profiles(kind: PRODUCTIVITY) { name orgTrees { name } teams { path } } node(id: "x") { id } }"#;
    let held = data(&server, held, json!({})).await;
    let names: Vec<&str> = held["profiles"].as_array().unwrap().iter().map(|p| p["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Productivity, as built in", "Others"]);
    assert_eq!(held["profiles"][1]["orgTrees"], json!([{ "name": "Organisation" }]));
    assert_eq!(held["profiles"][1]["teams"], json!([{ "path": "engineering/shop" }]));
    let gone =
        change(&server, "deleteProfile", json!({ "id": "Others", "replacement": "PRODUCTIVITY" }), "deletedId").await;
    assert!(gone["deletedId"].is_string());
    let audit = r#"{ audit(filter: { kind: PROFILE }, first: 10) { nodes { action } } }"#;
    let audit = data(&server, audit, json!({})).await;
    let actions: Vec<&str> =
        audit["audit"]["nodes"].as_array().unwrap().iter().map(|e| e["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["DELETE_PROFILE", "DELETE_PROFILE", "CREATE_PROFILE", "CREATE_PROFILE"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_behind_a_number_are_those_of_what_it_was_asked_under() {
    let server = server().await;
    everybodys(&server, "EFFICIENCY", "Delivery").await;
    let kinds = json!([{ "name": "deployment_kinds", "texts": ["PIPELINE"] }]);
    change(&server, "updateProfile", json!({ "id": "Delivery", "from": null, "parameters": kinds }), "profile { id }")
        .await;
    let period = r#"{ between: { from: "2026-01-01", to: "2026-07-01" } }"#;
    // 132 by pipelines and 6 by change requests: see the case profiles/deployments.
    for (more, expected) in [
        ("", 132),
        (r#", profile: "EFFICIENCY""#, 138),
        (r#", parameters: [{ name: "deployment_kinds", texts: ["CHANGE_REQUEST"] }]"#, 6),
        (r#", profile: "EFFICIENCY", parameters: [{ name: "deployment_kinds", texts: ["CHANGE_REQUEST"] }]"#, 6),
    ] {
        let query = format!(
            "{{ organization {{ metric(name: DEPLOYMENT_FREQUENCY, period: {period}{more}) {{ numerator recordsCsv
                records(first: 500) {{ nodes {{ id }} }} }} }} }}"
        );
        let metric = data(&server, &query, json!({})).await["organization"]["metric"].clone();
        assert_eq!(metric["numerator"].as_f64(), Some(f64::from(expected)), "{more}");
        assert_eq!(metric["records"]["nodes"].as_array().unwrap().len(), expected as usize, "{more}");
        let address = format!("{}{}", server.url, metric["recordsCsv"].as_str().unwrap());
        let text = server.client.get(&address).send().await.unwrap().error_for_status().unwrap().text().await.unwrap();
        assert_eq!(text.lines().count(), expected as usize + 1, "{address}");
    }
}
