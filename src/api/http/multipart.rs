//! GraphQL with files, by the multipart request specification: a form of `operations` (the request, with null for each file),
//! `map` (which part goes where) and the files. A form of a foreign page could be sent without asking, hence a header that no
//! form can carry is needed.

use std::collections::BTreeMap;

use async_graphql::UploadValue;
use axum::http::HeaderMap;
use serde_json::Value;

use super::{
    error::Refusal,
    guard::PREFLIGHT,
    params::Params,
    upload::{File, Form},
};

/// Files of one request.
const MOST_FILES: usize = 10;
/// What clients send to make browsers ask first.
const HEADERS: [&str; 3] = [PREFLIGHT, "apollo-require-preflight", "x-apollo-operation-name"];

/// A file and the variable that it is for, such as `variables.input.file`.
pub type Attached = (String, UploadValue);

/// Whether the client shows that it is no page's form.
pub fn may_send(headers: &HeaderMap) -> Result<(), Refusal> {
    if HEADERS.iter().any(|name| headers.get(*name).is_some_and(|value| !value.is_empty())) {
        return Ok(());
    }
    Err(Refusal::bad(format!("A request with files needs the header '{PREFLIGHT}: 1'.")))
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
    if form.files.len() > MOST_FILES {
        return Err(Refusal::bad(format!("The form has more than {MOST_FILES} files.")));
    }
    let mut files: BTreeMap<String, File> = form.files.into_iter().collect();
    let mut attached = Vec::new();
    for (part, places) in map {
        let file = files.remove(&part).ok_or_else(|| Refusal::bad(format!("The form has no file '{part}'.")))?;
        let [place] = places.as_slice() else {
            return Err(Refusal::bad(format!("File '{part}' must be for exactly one variable.")));
        };
        if !is_null(&params, place) {
            return Err(Refusal::bad(format!("'{place}' is no variable that is null.")));
        }
        let filename = file.filename.unwrap_or_default();
        attached.push((place.clone(), UploadValue { filename, content_type: file.content_type, content: file.bytes }));
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
