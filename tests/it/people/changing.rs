//! Teams are made, moved and changed by mutations; the next question sees it, here and on other servers.

use serde_json::{Value, json};

use super::company;
use crate::server::Server;

async fn change(server: &Server, mutation: &str) -> Value {
    let answer = server.graphql(&format!("mutation {{ {mutation} }}"), json!({})).await;
    assert!(answer.get("errors").is_none(), "{mutation}\n{answer}");
    answer["data"].clone()
}

/// The only user error of the only field.
async fn refused(server: &Server, mutation: &str) -> Value {
    let data = change(server, mutation).await;
    let field = data.as_object().expect("an object").values().next().expect("a field").clone();
    let errors = field["userErrors"].as_array().expect("user errors").clone();
    assert_eq!(errors.len(), 1, "{data}");
    errors[0].clone()
}

const OUTCOME: &str = "userErrors { code message field } change { seq actor action }";

#[tokio::test]
async fn teams_are_made_moved_and_closed() {
    let server = company::with_people().await;
    let made = change(
        &server,
        &format!(
            "a: createTeam(input: {{ name: \"Jam Lab\", parent: \"engineering\", manager: \"cleo@example.com\" }}) {{ team {{ id path manager {{ name }} orgTree {{ name }} }} {OUTCOME} }}
             b: moveTeam(input: {{ id: \"engineering/jam-lab\", parent: \"engineering/shop\", on: \"2026-07-01\" }}) {{ team {{ path placements {{ parent {{ name }} from to }} }} {OUTCOME} }}
             c: updateTeam(input: {{ id: \"engineering/shop/jam-lab\", name: \"Jam\", manager: null }}) {{ team {{ path manager {{ name }} }} {OUTCOME} }}"
        ),
    )
    .await;
    assert_eq!(made["a"]["userErrors"], json!([]));
    assert_eq!(made["a"]["team"]["path"], "engineering/jam-lab");
    assert_eq!(made["a"]["team"]["manager"], json!({ "name": "Cleo Cinderhatch" }));
    assert_eq!(made["a"]["change"], json!({ "seq": 2, "actor": "anonymous", "action": "CREATE_TEAM" }));
    assert_eq!(
        made["b"]["team"]["placements"],
        json!([{ "parent": { "name": "Engineering" }, "from": null, "to": "2026-07-01" },
               { "parent": { "name": "Shop" }, "from": "2026-07-01", "to": null }])
    );
    assert_eq!(made["c"]["team"], json!({ "path": "engineering/shop/jam", "manager": null }));
    let same = change(
        &server,
        &format!(
            "updateTeam(input: {{ id: \"engineering/shop/jam\", name: \"Jam\" }}) {{ team {{ path }} {OUTCOME} }}"
        ),
    )
    .await;
    assert_eq!(
        same["updateTeam"],
        json!({ "team": { "path": "engineering/shop/jam" }, "userErrors": [], "change": null })
    );

    let error = refused(
        &server,
        &format!("createTeam(input: {{ name: \"Shop\", parent: \"engineering\" }}) {{ team {{ id }} {OUTCOME} }}"),
    )
    .await;
    assert_eq!((&error["code"], &error["field"]), (&json!("DUPLICATE_KEY"), &json!("input.name")), "{error}");
    let error = refused(
        &server,
        &format!("moveTeam(input: {{ id: \"engineering\", parent: \"engineering/shop\" }}) {{ {OUTCOME} }}"),
    )
    .await;
    assert_eq!((&error["code"], &error["field"]), (&json!("CIRCULAR_REFERENCE"), &json!("input.parent")), "{error}");
    let error = refused(
        &server,
        &format!("createTeam(input: {{ name: \"X\", manager: \"nobody@example.com\" }}) {{ {OUTCOME} }}"),
    )
    .await;
    assert_eq!((&error["code"], &error["field"]), (&json!("MANAGER_NOT_FOUND"), &json!("input.manager")), "{error}");
    let error = refused(&server, &format!("closeTeam(input: {{ id: \"engineering/shop\" }}) {{ {OUTCOME} }}")).await;
    assert_eq!(error["code"], "CONFLICT");
    let error = refused(&server, &format!("closeTeam(input: {{ id: \"engineering/jelly\" }}) {{ {OUTCOME} }}")).await;
    assert_eq!((&error["code"], &error["field"]), (&json!("NOT_FOUND"), &json!("input.id")), "{error}");

    let id = &made["a"]["team"]["id"];
    let closed =
        change(&server, &format!("closeTeam(input: {{ id: {id} }}) {{ team {{ isClosed endsOn path }} }}")).await;
    assert_eq!(
        closed["closeTeam"]["team"],
        json!({ "isClosed": true, "endsOn": "2026-07-10", "path": "engineering/shop/jam" })
    );
    let gone = server.graphql("{ team(path: \"engineering/shop/jam\") { id } }", json!({})).await;
    assert_eq!(gone["data"]["team"], Value::Null);
    let again = change(&server, &format!("reopenTeam(input: {{ id: {id} }}) {{ team {{ isClosed endsOn }} }}")).await;
    assert_eq!(again["reopenTeam"]["team"], json!({ "isClosed": false, "endsOn": null }));
}

#[tokio::test]
async fn a_person_moves_and_the_days_before_stay() {
    let server = company::with_people().await;
    let moved = change(
        &server,
        &format!(
            "addTeamMembers(input: {{ team: \"engineering/platform\", leaveOthers: true,
               members: [{{ contributor: \"bob@example.com\", from: \"2026-06-01\" }}] }})
             {{ team {{ name members(scope: DIRECT) {{ nodes {{ name }} }} }} {OUTCOME} }}"
        ),
    )
    .await;
    assert_eq!(
        moved["addTeamMembers"]["team"]["members"]["nodes"],
        json!([{ "name": "Bob Brambleford" }, { "name": "Cleo Cinderhatch" }])
    );
    let bob = server
        .graphql("{ contributor(email: \"bob@example.com\") { memberships { team { name } from to } } }", json!({}))
        .await;
    assert_eq!(
        bob["data"]["contributor"]["memberships"],
        json!([
            { "team": { "name": "Shop" }, "from": null, "to": "2026-02-16" },
            { "team": { "name": "Money" }, "from": "2026-02-16", "to": "2026-06-01" },
            { "team": { "name": "Platform" }, "from": "2026-06-01", "to": null },
        ])
    );
    let set = change(
        &server,
        "a: setTeamMembers(input: { team: \"t-platform\", members: [{ contributor: \"ann@example.com\", shared: true }], on: \"2026-07-01\" })
           { team { members { nodes { name } } early: members(at: \"2026-06-30\") { totalCount } } userErrors { message } }
         b: removeTeamMembers(input: { team: \"t-platform\", contributors: [\"ann@example.com\"] })
           { team { members { totalCount } early: members(at: \"2026-07-09\") { totalCount } } }
         c: removeTeamMembers(input: { team: \"t-platform\", contributors: [\"ann@example.com\"], ever: true })
           { team { members { totalCount } early: members(at: \"2026-07-09\") { totalCount } } }",
    )
    .await;
    assert_eq!(
        set["a"]["team"],
        json!({ "members": { "nodes": [{ "name": "Ann Applewick" }] }, "early": { "totalCount": 2 } }),
        "{set}"
    );
    assert_eq!(set["b"]["team"], json!({ "members": { "totalCount": 0 }, "early": { "totalCount": 1 } }));
    assert_eq!(set["c"]["team"], json!({ "members": { "totalCount": 0 }, "early": { "totalCount": 0 } }));
    let error = refused(
        &server,
        &format!("addTeamMembers(input: {{ team: \"t-shop\", members: [{{ contributor: \"ann@example.com\" }}, {{ contributor: \"nobody\" }}] }}) {{ {OUTCOME} }}"),
    )
    .await;
    assert_eq!(
        (&error["code"], &error["field"]),
        (&json!("NOT_FOUND"), &json!("input.members[1].contributor")),
        "{error}"
    );
}

#[tokio::test]
async fn settings_are_replaced_copied_and_inherited() {
    let server = company::with_people().await;
    let done = change(
        &server,
        &format!(
            "setTeamSettings(input: {{ teams: [
               {{ team: \"engineering\", peopleFilters: [{{ metric: DEPLOYMENT_FREQUENCY, applies: false }}] }},
               {{ team: \"engineering/shop\", sources: {{ any: [{{ test: {{ field: \"service\", operator: EQUALS, values: [\"shop\"] }} }},
                  {{ test: {{ field: \"repository\", operator: MATCHES, values: [\"store.*\", \"basket\"] }} }}] }} }}] }})
             {{ teams {{ name settings {{ own {{ sources {{ any {{ test {{ field }} }} }} }} effective {{ peopleFilters {{ metric from {{ name }} }} }} }} }} {OUTCOME} }}
             copyTeamSettings(input: {{ from: \"engineering/shop\", to: [\"engineering/platform\"] }}) {{ teams {{ settings {{ own {{ sources {{ json }} }} }} }} {OUTCOME} }}"
        ),
    )
    .await;
    let shop = &done["setTeamSettings"]["teams"][1];
    assert_eq!(
        shop["settings"]["own"]["sources"]["any"],
        json!([{ "test": { "field": "service" } }, { "test": { "field": "repository" } }])
    );
    assert_eq!(
        shop["settings"]["effective"]["peopleFilters"],
        json!([{ "metric": "DEPLOYMENT_FREQUENCY", "from": { "name": "Engineering" } }])
    );
    let copied =
        done["copyTeamSettings"]["teams"][0]["settings"]["own"]["sources"]["json"].as_str().expect("a condition");
    assert!(copied.contains("store.*"), "{copied}");
    let error = refused(
        &server,
        &format!("setTeamSettings(input: {{ teams: [{{ team: \"engineering\" }}, {{ team: \"engineering/shop\", sources: {{ test: {{ field: \"colour\", operator: EQUALS, values: [\"red\"] }} }} }}] }}) {{ {OUTCOME} }}"),
    )
    .await;
    assert_eq!(
        (&error["code"], &error["field"]),
        (&json!("INVALID_VALUE"), &json!("input.teams[1].sources")),
        "{error}"
    );
    assert!(error["message"].as_str().expect("a text").contains("repository"), "{error}");
    let kept = server
        .graphql("{ team(path: \"engineering\") { settings { own { peopleFilters { metric } } } } }", json!({}))
        .await;
    assert_eq!(
        kept["data"]["team"]["settings"]["own"]["peopleFilters"].as_array().map(Vec::len),
        Some(1),
        "nothing was changed"
    );
}

#[tokio::test]
async fn two_servers_on_one_lake_see_each_others_changes() {
    let folder = tempfile::tempdir().expect("a folder");
    let open = || async {
        let lake = throughline::lake::Lake::open(&folder.path().display().to_string()).await.expect("the lake opens");
        Server::start(lake).await
    };
    let (one, other) = (open().await, open().await);
    let made = change(
        &one,
        &format!("createOrgTree(input: {{ name: \"Places\" }}) {{ orgTree {{ id name order }} {OUTCOME} }} createTeam(input: {{ name: \"Bath\" }}) {{ team {{ path }} {OUTCOME} }}"),
    )
    .await;
    assert_eq!(made["createTeam"]["team"]["path"], "bath", "{made}");
    let seen = other.graphql("{ orgTrees { name roots { path } } }", json!({})).await;
    assert_eq!(seen["data"]["orgTrees"], json!([{ "name": "Places", "roots": [{ "path": "bath" }] }]));
    change(&other, "updateOrgTree(input: { id: \"places\", name: \"Sites\" }) { orgTree { name } }").await;
    let seen = one.graphql("{ orgTree(id: \"sites\") { name } audit { totalCount } }", json!({})).await;
    assert_eq!(seen["data"], json!({ "orgTree": { "name": "Sites" }, "audit": { "totalCount": 3 } }));
    let gone = change(&one, "deleteOrgTree(input: { id: \"Sites\" }) { deletedId userErrors { code } }").await;
    assert_eq!(gone["deleteOrgTree"]["deletedId"], made["createOrgTree"]["orgTree"]["id"]);
    let seen = other.graphql("{ orgTrees { name } }", json!({})).await;
    assert_eq!(seen["data"]["orgTrees"], json!([]));
}

#[tokio::test]
async fn changes_are_recorded_under_the_name_that_the_header_gives() {
    let server = company::with_people().await;
    let body = json!({ "query": "mutation { createTeam(input: { name: \"New\" }) { change { actor } } }" });
    let request =
        server.client.post(format!("{}/graphql", server.url)).header("x-throughline-user", "Dora Dale").json(&body);
    let answer: Value = request.send().await.expect("an answer").json().await.expect("JSON");
    assert_eq!(answer["data"]["createTeam"]["change"]["actor"], "Dora Dale", "{answer}");
    let audit = server.graphql("{ audit(filter: { actor: \"Dora Dale\" }) { nodes { action } } }", json!({})).await;
    assert_eq!(audit["data"]["audit"]["nodes"], json!([{ "action": "CREATE_TEAM" }]));
}
