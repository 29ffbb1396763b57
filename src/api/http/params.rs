//! The parameters of a GraphQL request, read from a JSON body or from a query string. Wrong ones never reach the schema.

use async_graphql::Variables;
use serde_json::{Map, Value};
use url::form_urlencoded;

use super::error::{Code, Refusal};

/// A well-formed request. `query` may be missing when a persisted query is named.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Params {
    pub query: Option<String>,
    pub operation_name: Option<String>,
    pub variables: Map<String, Value>,
    pub extensions: Map<String, Value>,
}

impl Params {
    /// From a request body.
    pub fn from_body(body: &[u8]) -> Result<Params, Refusal> {
        let text = std::str::from_utf8(body).map_err(|_| Refusal::bad("The body is not UTF-8."))?;
        let value: Value = serde_json::from_str(text)
            .map_err(|error| Refusal::bad(format!("The body is not valid JSON: {error}.")))?;
        Params::from_json(value)
    }

    /// From an object with the four parameters.
    pub fn from_json(value: Value) -> Result<Params, Refusal> {
        let mut object = match value {
            Value::Object(object) => object,
            Value::Array(_) => {
                return Err(Refusal::bad(
                    "Batches are not supported: send one operation per request, with aliases where needed.",
                ));
            }
            _ => return Err(Refusal::bad("The body must be a JSON object with a 'query'.")),
        };
        Params {
            query: text(object.remove("query"), "query")?,
            operation_name: text(object.remove("operationName"), "operationName")?,
            variables: map(object.remove("variables"), "variables")?,
            extensions: map(object.remove("extensions"), "extensions")?,
        }
        .checked()
    }

    /// From the query string of a GET; `variables` and `extensions` are JSON texts there.
    pub fn from_query_string(query_string: &str) -> Result<Params, Refusal> {
        let mut params = Params::default();
        let mut seen: Vec<String> = Vec::new();
        for (name, value) in form_urlencoded::parse(query_string.as_bytes()) {
            if seen.iter().any(|other| *other == name) {
                return Err(Refusal::bad(format!("Parameter '{name}' is given twice.")));
            }
            match name.as_ref() {
                "query" => params.query = Some(value.into_owned()),
                "operationName" => params.operation_name = Some(value.into_owned()).filter(|name| !name.is_empty()),
                "variables" => params.variables = map(json(&value, "variables")?, "variables")?,
                "extensions" => params.extensions = map(json(&value, "extensions")?, "extensions")?,
                _ => {}
            }
            seen.push(name.into_owned());
        }
        params.checked()
    }

    /// The variables as the library wants them.
    pub fn graphql_variables(&self) -> Variables {
        Variables::from_json(Value::Object(self.variables.clone()))
    }

    /// The caller asked how the answer is made.
    pub fn explain(&self) -> bool {
        self.extensions.get("explain").and_then(Value::as_bool).unwrap_or(false)
    }

    fn checked(self) -> Result<Params, Refusal> {
        if self.query.is_none() && !self.extensions.contains_key("persistedQuery") {
            return Err(Refusal::bad("Parameter 'query' is missing."));
        }
        Ok(self)
    }
}

fn text(value: Option<Value>, name: &str) -> Result<Option<String>, Refusal> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Refusal::bad(format!("Parameter '{name}' must be a text."))),
    }
}

fn map(value: Option<Value>, name: &str) -> Result<Map<String, Value>, Refusal> {
    match value {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(map)) => Ok(map),
        Some(_) => Err(Refusal::new(Code::BadUserInput, format!("Parameter '{name}' must be a JSON object."))),
    }
}

fn json(text: &str, name: &str) -> Result<Option<Value>, Refusal> {
    if text.is_empty() {
        return Ok(None);
    }
    serde_json::from_str(text)
        .map(Some)
        .map_err(|error| Refusal::bad(format!("Parameter '{name}' is not valid JSON: {error}.")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_read_strictly() {
        let params = Params::from_body(
            br#"{"query":"{a}","variables":{"x":1},"operationName":null,"extensions":{"explain":true}}"#,
        )
        .unwrap();
        assert_eq!(params.query.as_deref(), Some("{a}"));
        assert!(params.explain() && params.variables.contains_key("x") && params.operation_name.is_none());
        for wrong in [
            "",
            "{",
            "[]",
            r#"[{"query":"{a}"}]"#,
            "\"{a}\"",
            "{}",
            r#"{"query":1}"#,
            r#"{"query":"{a}","variables":[]}"#,
            r#"{"query":"{a}","operationName":0}"#,
            r#"{"query":"{a}","extensions":"x"}"#,
        ] {
            assert!(Params::from_body(wrong.as_bytes()).is_err(), "{wrong}");
        }
        assert!(Params::from_body(b"{\"query\":\"\xff\"}").is_err());
    }

    #[test]
    fn query_strings_are_read_strictly() {
        let params = Params::from_query_string("query=%7Ba%7D&variables=%7B%22x%22%3A1%7D&operationName=Q").unwrap();
        assert_eq!((params.query.as_deref(), params.operation_name.as_deref()), (Some("{a}"), Some("Q")));
        for wrong in ["", "variables={}", "query={a}&variables=[]", "query={a}&variables={", "query={a}&query={b}"] {
            assert!(Params::from_query_string(wrong).is_err(), "{wrong}");
        }
    }
}
