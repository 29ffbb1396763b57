//! Files beside a GraphQL request: the GraphQL multipart request specification. A page of another origin can send a form
//! without asking first, so a header is required that no form has.

use std::collections::BTreeMap;
use std::convert::Infallible;

use async_graphql::UploadValue;
use axum::{
    body::Bytes,
    http::{HeaderMap, StatusCode, header},
};
use futures::stream;
use multer::{Field, Multipart};

use super::error::Refusal;
use super::params::Params;

/// Headers of which one must be there.
pub const PREFLIGHT: [&str; 3] = ["apollo-require-preflight", "x-apollo-operation-name", "graphql-preflight"];
/// The most files of one request.
const FILES: usize = 10;

/// A request and its files, each with the path of the variable that it is for: `variables.input.file`.
pub struct WithFiles {
    pub params: Params,
    pub files: Vec<(String, UploadValue)>,
}

/// The boundary between the parts; `None`: the body is no form.
///
/// # Errors
/// When the form could come from a page of another origin.
pub fn boundary(headers: &HeaderMap) -> Result<Option<String>, Refusal> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let Ok(boundary) = multer::parse_boundary(kind) else { return Ok(None) };
    if PREFLIGHT.iter().any(|name| headers.get(*name).is_some_and(|value| !value.is_empty())) {
        return Ok(Some(boundary));
    }
    let message = format!("A form needs a header that says it is meant: send '{}: true'.", PREFLIGHT[0]);
    Err(Refusal::bad(message).status(StatusCode::UNSUPPORTED_MEDIA_TYPE))
}

/// Reads a form: `operations`, `map`, then the files.
pub async fn read(body: Bytes, boundary: String) -> Result<WithFiles, Refusal> {
    let mut form = Multipart::new(stream::iter([Ok::<_, Infallible>(body)]), boundary);
    let operations = json(part(&mut form, "operations").await?).await?;
    let map = json(part(&mut form, "map").await?).await?;
    let wrong = || Refusal::bad("The part 'map' must be an object of lists: {\"0\": [\"variables.input.file\"]}.");
    let mut places: BTreeMap<String, Vec<String>> = serde_json::from_value(map).map_err(|_| wrong())?;
    if places.values().map(Vec::len).sum::<usize>() > FILES {
        return Err(Refusal::bad(format!("The part 'map' names more than {FILES} files.")));
    }
    let params = Params::from_json(operations)?;
    let mut files = Vec::new();
    while let Some(field) = form.next_field().await.map_err(broken)? {
        let Some(paths) = field.name().and_then(|name| places.remove(name)) else { continue };
        let filename = field.file_name().unwrap_or("file").to_owned();
        let content_type = field.content_type().map(ToString::to_string);
        let content = field.bytes().await.map_err(broken)?;
        for path in paths {
            let (filename, content_type, content) = (filename.clone(), content_type.clone(), content.clone());
            files.push((path, UploadValue { filename, content_type, content }));
        }
    }
    match places.keys().next() {
        None => Ok(WithFiles { params, files }),
        Some(missing) => Err(Refusal::bad(format!("The part '{missing}' is named in 'map' and missing."))),
    }
}

async fn part(form: &mut Multipart<'static>, name: &str) -> Result<Field<'static>, Refusal> {
    let field = form.next_field().await.map_err(broken)?;
    let wrong = || Refusal::bad(format!("The part '{name}' is missing; the order is: operations, map, files."));
    field.filter(|field| field.name() == Some(name)).ok_or_else(wrong)
}

async fn json(field: Field<'static>) -> Result<serde_json::Value, Refusal> {
    let name = field.name().unwrap_or_default().to_owned();
    let bytes = field.bytes().await.map_err(broken)?;
    serde_json::from_slice(&bytes)
        .map_err(|error| Refusal::bad(format!("The part '{name}' is not valid JSON: {error}.")))
}

fn broken(error: multer::Error) -> Refusal {
    Refusal::bad(format!("The form cannot be read: {error}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(parts: &[(&str, &str)]) -> Bytes {
        let part = |(name, text): &(&str, &str)| {
            let filename = if *name == "0" { "; filename=\"people.csv\"" } else { "" };
            format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"{filename}\r\n\r\n{text}\r\n")
        };
        Bytes::from(parts.iter().map(part).collect::<String>() + "--x--\r\n")
    }

    #[tokio::test]
    async fn files_come_with_their_places() {
        let operations = r#"{"query":"mutation ($file: Upload!) { a }","variables":{"file":null}}"#;
        let map = r#"{"0":["variables.file"]}"#;
        let good = form(&[("operations", operations), ("map", map), ("0", "name,email\r\n")]);
        let read = read(good, "x".to_owned()).await.unwrap();
        assert_eq!(read.files.len(), 1);
        let (path, file) = &read.files[0];
        assert_eq!(
            (path.as_str(), file.filename.as_str(), &file.content[..]),
            ("variables.file", "people.csv", &b"name,email\r\n"[..])
        );
        for wrong in [
            form(&[]),
            form(&[("map", map), ("operations", operations)]),
            form(&[("operations", "{"), ("map", map)]),
            form(&[("operations", operations), ("map", "[]")]),
            form(&[("operations", operations), ("map", map)]),
            Bytes::from_static(b"nonsense"),
        ] {
            assert!(super::read(wrong, "x".to_owned()).await.is_err());
        }
    }

    #[test]
    fn a_form_alone_is_refused() {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, "multipart/form-data; boundary=x".parse().unwrap());
        assert!(boundary(&headers).is_err());
        headers.insert(PREFLIGHT[0], "true".parse().unwrap());
        assert_eq!(boundary(&headers).unwrap().as_deref(), Some("x"));
        headers.insert(header::CONTENT_TYPE, "application/json".parse().unwrap());
        assert_eq!(boundary(&headers).unwrap(), None);
    }
}
