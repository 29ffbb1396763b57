//! Everything in the schema says what it is.

use serde_json::{Value, json};

use super::company;

const INTROSPECTION: &str = "{ __schema { types { name kind description
    fields(includeDeprecated: true) { name description args { name description } }
    inputFields { name description } enumValues(includeDeprecated: true) { name description } } } }";

#[tokio::test]
async fn every_name_has_a_description() {
    let server = company::server().await;
    let answer = server.graphql(INTROSPECTION, json!({})).await;
    let types = answer["data"]["__schema"]["types"].as_array().expect("types");
    let mut without = Vec::new();
    let mut seen = 0;
    let mut look = |place: String, thing: &Value| {
        seen += 1;
        if thing["description"].as_str().is_none_or(|text| text.trim().len() < 3) {
            without.push(place);
        }
    };
    let empty = Vec::new();
    for one in types {
        let name = one["name"].as_str().expect("a name");
        if name.starts_with("__") || ["Boolean", "Float", "Int", "String", "ID"].contains(&name) {
            continue;
        }
        look(name.to_owned(), one);
        for list in ["fields", "inputFields", "enumValues"] {
            for part in one[list].as_array().unwrap_or(&empty) {
                let place = format!("{name}.{}", part["name"].as_str().expect("a name"));
                look(place.clone(), part);
                for argument in part["args"].as_array().unwrap_or(&empty) {
                    look(format!("{place}({})", argument["name"].as_str().expect("a name")), argument);
                }
            }
        }
    }
    assert!(seen > 300, "only {seen} names found");
    assert_eq!(without, Vec::<String>::new());
}
