//! GraphQL with files, by the multipart request specification: a form of `operations` (the request, with null for each file),
//! `map` (which part goes where) and the files. A form of a foreign page could be sent without asking, hence a header that no
//! form can carry is needed.

use std::collections::BTreeMap;

use async_graphql::UploadValue;
use axum::http::{HeaderMap, StatusCode};
use serde_json::Value;

use super::{
    error::Refusal,
    params::Params,
    upload::{File, Form},
};

/// Headers by which clients make browsers ask first. One must be there.
pub const PREFLIGHT: [&str; 4] =
    ["apollo-require-preflight", "graphql-require-preflight", "x-apollo-operation-name", "graphql-preflight"];
/// Variables of one request that are files.
const MOST_FILES: usize = 10;

/// A file and the variable that it is for, such as `variables.input.file`.
pub type Attached = (String, UploadValue);

/// Whether the client shows that it is no page's form.
pub fn may_send(headers: &HeaderMap) -> Result<(), Refusal> {
    if PREFLIGHT.iter().any(|name| headers.get(*name).is_some_and(|value| !value.is_empty())) {
        return Ok(());
    }
    let message = format!("A form needs a header that says it is meant: send '{}: true'.", PREFLIGHT[0]);
    Err(Refusal::bad(message).status(StatusCode::UNSUPPORTED_MEDIA_TYPE))
}

/// The request of a form, and its files.
pub fn request(form: Form) -> Result<(Params, Vec<Attached>), Refusal> {
    let text = |name: &str| {
        let found = form.texts.iter().find(|(part, _)| part == name).map(|(_, text)| text.as_str());
        found.ok_or_else(|| Refusal::bad(format!("The form has no part '{name}'.")))
    };
    let params = Params::from_body(text("operations")?.as_bytes())?;
    let map: BTreeMap<String, Vec<String>> = serde_json::from_str(text("map")?).map_err(|error| {
        Refusal::bad(format!("The form's part 'map' must be like {{\"0\": [\"variables.file\"]}}: {error}."))
    })?;
    if map.values().map(Vec::len).sum::<usize>() > MOST_FILES {
        return Err(Refusal::bad(format!("The part 'map' names more than {MOST_FILES} files.")));
    }
    let mut files: BTreeMap<String, File> = form.files.into_iter().collect();
    let mut attached = Vec::new();
    for (part, places) in map {
        let file = files.remove(&part).ok_or_else(|| Refusal::bad(format!("The form has no file '{part}'.")))?;
        for place in places {
            if !is_null(&params, &place) {
                return Err(Refusal::bad(format!("'{place}' is no variable that is null.")));
            }
            let filename = file.filename.clone().unwrap_or_default();
            let (content_type, content) = (file.content_type.clone(), file.bytes.clone());
            attached.push((place, UploadValue { filename, content_type, content }));
        }
    }
    match files.keys().next() {
        Some(part) => Err(Refusal::bad(format!("The form's part 'map' does not say what file '{part}' is for."))),
        None => Ok((params, attached)),
    }
}

fn is_null(params: &Params, place: &str) -> bool {
    let Some(path) = place.strip_prefix("variables.") else { return false };
    let mut parts = path.split('.');
    let first = parts.next().and_then(|name| params.variables.get(name));
    let found = parts.fold(first, |value, part| match value? {
        Value::Object(object) => object.get(part),
        Value::Array(list) => list.get(part.parse::<usize>().ok()?),
        _ => None,
    });
    found == Some(&Value::Null)
}

#[cfg(test)]
mod tests {
    use axum::http::header::CONTENT_TYPE;

    use super::super::upload;
    use super::*;

    async fn read(parts: &[(&str, &str)]) -> Result<(Params, Vec<Attached>), Refusal> {
        let part = |(name, text): &(&str, &str)| {
            let filename = if *name == "0" { "; filename=\"people.csv\"" } else { "" };
            format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"{filename}\r\n\r\n{text}\r\n")
        };
        let body = parts.iter().map(part).collect::<String>() + "--x--\r\n";
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, "multipart/form-data; boundary=x".parse().expect("a header"));
        assert!(upload::is_form(&headers));
        request(upload::form(&headers, body.into(), 1000).await?)
    }

    #[tokio::test]
    async fn files_come_with_their_places() {
        let operations = r#"{"query":"mutation ($file: Upload!) { a }","variables":{"file":null,"list":[1,null]}}"#;
        let map = r#"{"0":["variables.file", "variables.list.1"]}"#;
        let good = [("operations", operations), ("map", map), ("0", "name,email\r\n")];
        let (_, files) = read(&good).await.expect("a request");
        let (path, file) = &files[0];
        assert_eq!((files.len(), path.as_str(), file.filename.as_str()), (2, "variables.file", "people.csv"));
        assert_eq!(&file.content[..], b"name,email\r\n");
        let elsewhere = |map: &'static str| [("operations", operations), ("map", map), ("0", "x")];
        for wrong in [
            &[][..],
            &[("map", map), ("0", "x")],
            &[("operations", "{"), ("map", map), ("0", "x")],
            &[("operations", operations), ("map", "[]"), ("0", "x")],
            &[("operations", operations), ("map", map)],
            &[("operations", operations), ("map", "{}"), ("0", "x")],
            &elsewhere(r#"{"0":["variables.list.0"]}"#),
            &elsewhere(r#"{"0":["variables.nothing"]}"#),
            &elsewhere(r#"{"0":["query"]}"#),
        ] {
            assert!(read(wrong).await.is_err(), "{wrong:?}");
        }
        let long = "x".repeat(200_000);
        assert!(read(&[("operations", operations), ("map", map), ("0", &long)]).await.is_err(), "too large");
    }

    #[test]
    fn a_form_alone_is_refused() {
        let mut headers = HeaderMap::new();
        assert!(may_send(&headers).is_err());
        headers.insert(PREFLIGHT[0], "true".parse().expect("a header"));
        assert!(may_send(&headers).is_ok());
    }
}
