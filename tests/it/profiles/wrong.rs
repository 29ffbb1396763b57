//! Wishes that cannot be fulfilled, and what is said of them.

use serde_json::{Value, json};

use super::{change, everybodys, server, tried};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_is_told_with_place_and_remedy() {
    let server = server().await;
    everybodys(&server, "EFFICIENCY", "Delivery").await;
    let create = |more: Value| {
        let mut input = json!({ "kind": "EFFICIENCY", "name": "New" });
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        input
    };
    let cases = [
        ("createProfile", create(json!({ "name": "delivery" })), "DUPLICATE_KEY", "input.name", "Delivery"),
        ("createProfile", create(json!({ "name": " " })), "REQUIRED_VALUE_MISSING", "input.name", "name"),
        ("createProfile", create(json!({ "name": "EFFICIENCY" })), "DUPLICATE_KEY", "input.name", "EFFICIENCY"),
        (
            "createProfile",
            create(json!({ "parameters": [{ "name": "weekend", "texts": ["Sonntag"] }] })),
            "INVALID_VALUE",
            "input.parameters.weekend",
            "SUNDAY",
        ),
        (
            "createProfile",
            create(json!({ "parameters": [{ "name": "weekend", "number": 7, "text": "SUNDAY" }] })),
            "INVALID_VALUE",
            "input.parameters.weekend",
            "exactly one",
        ),
        (
            "createProfile",
            create(json!({ "parameters": [{ "name": "rework_days", "number": 30 }] })),
            "INVALID_VALUE",
            "input.parameters.rework_days",
            "incident_max_age_seconds",
        ),
        (
            "createProfile",
            create(json!({ "metrics": [{ "metric": "PULL_REQUEST_VELOCITY", "isEnabled": false }] })),
            "INVALID_VALUE",
            "input.metrics.PULL_REQUEST_VELOCITY",
            "LEAD_TIME_FOR_CHANGES",
        ),
        (
            "createProfile",
            create(
                json!({ "metrics": [{ "metric": "LEAD_TIME_FOR_CHANGES", "stages": [{ "name": "REVIEW", "to": "lunch" }] }] }),
            ),
            "INVALID_VALUE",
            "input.metrics.LEAD_TIME_FOR_CHANGES.stages.REVIEW.to",
            "first_approval_at",
        ),
        (
            "createProfile",
            create(
                json!({ "metrics": [{ "metric": "CHANGE_FAILURE_RATE", "thresholds": [{ "level": "HIGH", "atMost": 0.2 }, { "level": "ELITE", "atMost": 0.1 }] }] }),
            ),
            "INVALID_VALUE",
            "input.metrics.CHANGE_FAILURE_RATE.thresholds[1]",
            "best first",
        ),
        (
            "createProfile",
            create(
                json!({ "kind": "BUSINESS_ALIGNMENT", "classifications": [{ "name": "categories", "otherwise": "Rest",
                "classes": [{ "name": "A", "condition": { "test": { "field": "colour", "operator": "EQUALS", "values": ["red"] } } }] }] }),
            ),
            "INVALID_VALUE",
            "input.classifications.categories",
            "label",
        ),
        ("updateProfile", json!({ "id": "EFFICIENCY", "name": "Mine" }), "CONFLICT", "input.id", "createProfile"),
        ("updateProfile", json!({ "id": "Nobody's", "name": "Mine" }), "NOT_FOUND", "input.id", "Delivery"),
        (
            "updateProfile",
            json!({ "id": "Delivery", "removeVersions": ["2026-01-01"] }),
            "NOT_FOUND",
            "input.remove[0]",
            "without a day",
        ),
        ("deleteProfile", json!({ "id": "PRODUCTIVITY" }), "CONFLICT", "input.id", "built in"),
        (
            "deleteProfile",
            json!({ "id": "Delivery", "replacement": "PRODUCTIVITY" }),
            "INVALID_VALUE",
            "input.replacement",
            "EFFICIENCY",
        ),
        (
            "deleteProfile",
            json!({ "id": "Delivery", "replacement": "Delivery" }),
            "INVALID_VALUE",
            "input.replacement",
            "own place",
        ),
        (
            "assignProfiles",
            json!({ "assignments": [{ "team": "engineering", "kind": "PRODUCTIVITY", "profile": "Delivery" }] }),
            "INVALID_VALUE",
            "input.assignments[0].profile",
            "PRODUCTIVITY",
        ),
        (
            "assignProfiles",
            json!({ "assignments": [{ "team": "no/such", "kind": "EFFICIENCY", "profile": "Delivery" }] }),
            "NOT_FOUND",
            "input.assignments[0].team",
            "no/such",
        ),
        (
            "assignProfiles",
            json!({ "assignments": [{ "kind": "EFFICIENCY", "profile": "Delivery" }] }),
            "INVALID_VALUE",
            "input.assignments[0]",
            "orgTree",
        ),
    ];
    for (mutation, input, code, field, remedy) in cases {
        let refused = tried(&server, mutation, input.clone(), "change { action }").await;
        let errors = refused["userErrors"].as_array().unwrap();
        assert_eq!(errors.len(), 1, "{input} {refused}");
        assert_eq!((&errors[0]["code"], &errors[0]["field"]), (&json!(code), &json!(field)), "{input} {refused}");
        assert!(errors[0]["message"].as_str().unwrap().contains(remedy), "{input} {refused}");
        assert_eq!(refused["change"], Value::Null);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_question_under_what_is_not_there_is_refused() {
    let server = server().await;
    let asked = |more: &str| {
        format!(
            r#"{{ organization {{ metric(name: DEPLOYMENT_FREQUENCY, period: {{ last: {{ count: 1, unit: MONTH }} }}, {more}) {{ value }} }} }}"#
        )
    };
    for (more, told) in [
        (r#"profile: "Nobody's""#, "there is no profile"),
        (r#"parameters: [{ name: "nothing", number: 1 }]"#, "deployment_kinds"),
        (r#"parameters: [{ name: "incident_max_age_seconds", number: -1 }]"#, "-1 is not 0 or more"),
        (r#"parameters: [{ name: "incident_max_age_seconds", text: "a week" }]"#, "a number is needed"),
    ] {
        let answer = server.graphql(&asked(more), json!({})).await;
        let error = &answer["errors"][0];
        assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT", "{answer}");
        assert!(error["message"].as_str().unwrap().contains(told), "{answer}");
    }
    change(&server, "createProfile", json!({ "kind": "EFFICIENCY", "name": "Mine" }), "profile { id }").await;
    let answer = server.graphql(&asked(r#"profile: "mine""#), json!({})).await;
    assert!(answer.get("errors").is_none(), "{answer}");
}
