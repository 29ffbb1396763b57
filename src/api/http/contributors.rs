//! `/contributors/...`: files of contributors in and out, for people with a spreadsheet and a line of curl. The same as the
//! mutations of GraphQL do; what imports mean is the people room's business.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    body::{Body, Bytes},
    extract::{Path, RawQuery, State},
    http::{HeaderMap, HeaderName, Response, StatusCode, header},
    response::IntoResponse,
};
use chrono::NaiveDate;
use serde_json::{Value, json};
use url::form_urlencoded;

use super::{
    Door,
    error::{self, Refusal},
    media::Media,
    upload,
};
use crate::api::Register;
use crate::people::import::{self, Mode, Options, version};
use crate::people::{Author, Code, Door as Through, Fault, Seen, csv};

/// What a handler answers: the answer, or why there is none.
type Answer = Result<Response<Body>, Refusal>;

/// `POST /contributors/import`: reads a file and tells what its import would do.
pub async fn preview(
    State(door): State<Arc<Door>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Response<Body> {
    finish(async {
        let mut given = parameters(query);
        let _turn = upload::turn().await?;
        let (file, texts) = upload::file(&headers, body, csv::MOST_BYTES).await?;
        given.extend(texts);
        let (mode, options, filename) = asked(given)?;
        let filename = filename.or(file.filename).unwrap_or_else(|| "upload.csv".to_owned());
        let (register, seen) = people(&door).await?;
        let author = author(&door, &headers);
        let bytes = file.bytes.to_vec();
        let preview = import::preview(register.people(), &seen, &author, bytes, &filename, mode, options).await;
        let preview = preview.map_err(|failure| internal(&failure))?;
        let status = if preview.errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
        written(status, &preview)
    })
    .await
}

/// `GET /contributors/imports/{id}`: what an upload that waits would do by now.
pub async fn waiting(State(door): State<Arc<Door>>, Path(id): Path<String>) -> Response<Body> {
    finish(async {
        let (register, seen) = people(&door).await?;
        let preview = import::waiting(register.people(), &seen, &id).await.map_err(|failure| internal(&failure))?;
        preview.map_or_else(|faults| Ok(faulty(&faults)), |preview| written(StatusCode::OK, &preview))
    })
    .await
}

/// `POST /contributors/imports/{id}/approve`: makes the change that was previewed.
pub async fn approve(State(door): State<Arc<Door>>, Path(id): Path<String>, headers: HeaderMap) -> Response<Body> {
    finish(async {
        let (register, seen) = people(&door).await?;
        let _turn = upload::turn().await?;
        let made = import::approve(register.people(), &seen, &author(&door, &headers), &id).await;
        let made = made.map_err(|failure| internal(&failure))?;
        made.map_or_else(|faults| Ok(faulty(&faults)), |made| written(StatusCode::OK, &shown(&made.outcome)))
    })
    .await
}

/// `DELETE /contributors/imports/{id}`: throws an upload away.
pub async fn discard(State(door): State<Arc<Door>>, Path(id): Path<String>) -> Response<Body> {
    finish(async {
        let register = register(&door)?;
        match import::discard(register.people(), &id).await.map_err(|failure| internal(&failure))? {
            true => Ok(StatusCode::NO_CONTENT.into_response()),
            false => {
                Ok(faulty(&[Fault::new(Code::NotFound, format!("No import {id:?} waits for approval.")).at("id")]))
            }
        }
    })
    .await
}

/// `GET /contributors/export.csv`: everybody who is registered.
pub async fn export(State(door): State<Arc<Door>>) -> Response<Body> {
    finish(async {
        let snapshot = door.pin().await?;
        let directory = register(&door)?.directory(&snapshot).await.map_err(|failure| internal(&failure))?;
        let written = tokio::task::spawn_blocking(move || csv::export(&directory)).await;
        let bytes = written.map_err(anyhow::Error::from).and_then(|bytes| bytes);
        Ok(sheet("contributors.csv", bytes.map_err(|failure| internal(&failure))?))
    })
    .await
}

/// `GET /contributors/sample.csv`: a file to start from.
pub async fn sample() -> Response<Body> {
    finish(async { Ok(sheet("sample.csv", csv::sample().map_err(|failure| internal(&failure))?)) }).await
}

/// `GET /contributors/versions`: what approved imports left, the newest first.
pub async fn versions(State(door): State<Arc<Door>>) -> Response<Body> {
    finish(async {
        let snapshot = door.pin().await?;
        let records = register(&door)?.people().records(&snapshot).await.map_err(|failure| internal(&failure))?;
        let versions: Vec<Value> = version::list(&records).iter().map(shown).collect();
        written(StatusCode::OK, &json!({ "versions": versions }))
    })
    .await
}

/// `GET /contributors/versions/{number}/diff?to=N`: what changed since a version, until another or now.
pub async fn difference(
    State(door): State<Arc<Door>>,
    Path(number): Path<i64>,
    RawQuery(query): RawQuery,
) -> Response<Body> {
    finish(async {
        let mut to = None;
        for (name, value) in parameters(query) {
            match name.as_str() {
                "to" => to = Some(value.parse().map_err(|_| Refusal::bad("Parameter 'to' must be a number."))?),
                _ => return Err(Refusal::bad(format!("There is no parameter '{name}'; there is to."))),
            }
        }
        let register = register(&door)?;
        let found = version::difference(register.people(), number, to).await.map_err(|failure| internal(&failure))?;
        found.map_or_else(|faults| Ok(faulty(&faults)), |found| written(StatusCode::OK, &found))
    })
    .await
}

/// `POST /contributors/versions/{number}/restore`: puts contributors back as a version left them.
pub async fn restore(State(door): State<Arc<Door>>, Path(number): Path<i64>, headers: HeaderMap) -> Response<Body> {
    finish(async {
        let (register, seen) = people(&door).await?;
        let made = version::restore(register.people(), &seen, &author(&door, &headers), number).await;
        let made = made.map_err(|failure| internal(&failure))?;
        made.map_or_else(|faults| Ok(faulty(&faults)), |made| written(StatusCode::OK, &shown(&made.outcome)))
    })
    .await
}

async fn finish(work: impl Future<Output = Answer>) -> Response<Body> {
    work.await.unwrap_or_else(|refusal| refusal.into_answer(Media::Json))
}

fn register(door: &Door) -> Result<Register, Refusal> {
    door.backend.register().map_err(|failure| internal(&failure))
}

/// People, and the accounts of the newest snapshot.
async fn people(door: &Door) -> Result<(Register, Arc<Seen>), Refusal> {
    let register = register(door)?;
    let snapshot = door.pin().await?;
    let seen = register.seen(&snapshot).await.map_err(|failure| internal(&failure))?;
    Ok((register, seen))
}

fn author(door: &Door, headers: &HeaderMap) -> Author {
    Author { actor: door.settings.access.caller(headers).actor().to_owned(), door: Through::Http }
}

fn parameters(query: Option<String>) -> BTreeMap<String, String> {
    form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect()
}

/// Mode, options and the file's name, out of parameters and texts of the form.
fn asked(given: BTreeMap<String, String>) -> Result<(Mode, Options, Option<String>), Refusal> {
    let (mut mode, mut options, mut filename) = (Mode::Merge, Options::default(), None);
    for (name, value) in given {
        match name.as_str() {
            "mode" => mode = value.parse().map_err(|_| Refusal::bad("Parameter 'mode' must be MERGE or REPLACE."))?,
            "attributes" => {
                options.attributes =
                    value.parse().map_err(|_| Refusal::bad("Parameter 'attributes' must be true or false."))?;
            }
            "effectiveFrom" => {
                let day: Result<NaiveDate, _> = value.parse();
                let wrong = |_| Refusal::bad("Parameter 'effectiveFrom' must be a day such as 2026-03-01.");
                options.effective_from = Some(day.map_err(wrong)?);
            }
            "filename" => filename = Some(value),
            _ => {
                let message =
                    format!("There is no parameter '{name}'; there are mode, attributes, effectiveFrom, filename.");
                return Err(Refusal::bad(message));
            }
        }
    }
    Ok((mode, options, filename))
}

fn shown(approved: &version::Approved) -> Value {
    let version::Approved { number, version } = approved;
    json!({
        "version": number, "mode": version.mode, "origin": version.origin, "at": version.at, "rows": version.rows,
        "added": version.added, "changed": version.changed, "removed": version.removed, "unchanged": version.unchanged,
    })
}

fn written(status: StatusCode, value: &impl serde::Serialize) -> Answer {
    let body = serde_json::to_vec(value).map_err(|failure| internal(&failure.into()))?;
    let headers: [(HeaderName, &str); 2] =
        [(header::CONTENT_TYPE, "application/json; charset=utf-8"), (header::CACHE_CONTROL, "no-store")];
    Ok((status, headers, body).into_response())
}

/// What the caller can mend, in the form of `userErrors`.
fn faulty(faults: &[Fault]) -> Response<Body> {
    let status = match faults.first().map(|fault| fault.code) {
        Some(Code::NotFound) => StatusCode::NOT_FOUND,
        Some(Code::PreviewOutOfDate | Code::Conflict | Code::Locked) => StatusCode::CONFLICT,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let errors: Vec<Value> = faults
        .iter()
        .map(|fault| json!({ "code": async_graphql::InputType::to_value(&fault.code), "message": fault.message, "field": fault.field }))
        .collect();
    (status, [(header::CACHE_CONTROL, "no-store")], axum::Json(json!({ "userErrors": errors }))).into_response()
}

fn sheet(name: &str, bytes: Vec<u8>) -> Response<Body> {
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    (headers, Bytes::from(bytes)).into_response()
}

fn internal(failure: &anyhow::Error) -> Refusal {
    error::internal(&format!("{failure:#}")).status(StatusCode::INTERNAL_SERVER_ERROR)
}
