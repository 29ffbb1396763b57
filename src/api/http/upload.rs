//! Bodies that carry files: a file alone, or a form. Read with limits of their own, a few at a time.

use std::{collections::BTreeMap, time::Duration};

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, StatusCode, header},
};
use multer::{Constraints, Error, Multipart, SizeLimit};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::error::{Code, Refusal};

/// Uploads that are read and worked on at once: each holds its file in memory.
static UPLOADS: Semaphore = Semaphore::const_new(2);
/// How long an upload may take to arrive, and to wait for others.
const PATIENCE: Duration = Duration::from_secs(120);
/// What a form may have beside the file.
const FORM_BYTES: u64 = 64 * 1024;
/// What a file alone may come as. A form's or a page's plain text is not among them.
const ALONE: [&str; 2] = ["text/csv", "application/octet-stream"];

/// A place among the uploads of the moment.
pub type Turn = SemaphorePermit<'static>;

/// A part of a form that is a file.
pub struct File {
    pub filename: Option<String>,
    pub content_type: Option<String>,
    pub bytes: Bytes,
}

/// A form: texts and files by name, in the order in which they came.
#[derive(Default)]
pub struct Form {
    pub texts: Vec<(String, String)>,
    pub files: Vec<(String, File)>,
}

/// Waits until an upload may be read.
pub async fn turn() -> Result<Turn, Refusal> {
    let busy = || {
        Refusal::new(Code::ResourceExhausted, "Other uploads are being read; try again later.")
            .status(StatusCode::SERVICE_UNAVAILABLE)
            .header(header::RETRY_AFTER, "30")
    };
    tokio::time::timeout(PATIENCE, UPLOADS.acquire()).await.map_err(|_| busy())?.map_err(|_| busy())
}

/// A file that is the whole body, or the part `file` of a form with further texts. Up to `most` bytes.
pub async fn file(headers: &HeaderMap, body: Body, most: usize) -> Result<(File, BTreeMap<String, String>), Refusal> {
    let kind = content_type(headers);
    if is_form(headers) {
        let mut form = form(headers, body, most).await?;
        let place = form.files.iter().position(|(name, _)| name == "file");
        let place = place.ok_or_else(|| Refusal::bad("The form has no file of the name 'file'."))?;
        if form.files.len() > 1 {
            return Err(Refusal::bad("The form has more than one file; send them one after the other."));
        }
        let (_, file) = form.files.swap_remove(place);
        return Ok((file, form.texts.into_iter().collect()));
    }
    if !ALONE.contains(&kind.as_str()) {
        let message = "Send the file as a form (curl -F file=@people.csv) or with 'Content-Type: text/csv'.";
        return Err(Refusal::bad(message).status(StatusCode::UNSUPPORTED_MEDIA_TYPE));
    }
    let read = tokio::time::timeout(PATIENCE, axum::body::to_bytes(body, most)).await.map_err(|_| slow())?;
    let bytes = read.map_err(|failure| {
        let source = std::error::Error::source(&failure).map(ToString::to_string).unwrap_or_default();
        if source.contains("length limit") { too_large(most) } else { cut_off() }
    })?;
    Ok((File { filename: None, content_type: Some(kind), bytes }, BTreeMap::new()))
}

/// Whether a body is a form with files.
pub fn is_form(headers: &HeaderMap) -> bool {
    content_type(headers) == "multipart/form-data"
}

/// A form. Its files together may have up to `most` bytes.
pub async fn form(headers: &HeaderMap, body: Body, most: usize) -> Result<Form, Refusal> {
    tokio::time::timeout(PATIENCE, parts(headers, body, most)).await.map_err(|_| slow())?
}

async fn parts(headers: &HeaderMap, body: Body, most: usize) -> Result<Form, Refusal> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let boundary =
        multer::parse_boundary(kind).map_err(|_| Refusal::bad("The form's Content-Type has no boundary."))?;
    let limits = SizeLimit::new().whole_stream(most as u64 + FORM_BYTES);
    let stream = body.into_data_stream();
    let mut parts = Multipart::with_constraints(stream, boundary, Constraints::new().size_limit(limits));
    let mut form = Form::default();
    let refused = |error: Error| match error {
        Error::StreamSizeExceeded { .. } | Error::FieldSizeExceeded { .. } => too_large(most),
        Error::StreamReadFailed(_) | Error::IncompleteStream | Error::IncompleteFieldData { .. } => cut_off(),
        other => Refusal::bad(format!("The form cannot be read: {other}.")),
    };
    let mut texts = 0;
    while let Some(part) = parts.next_field().await.map_err(refused)? {
        let name = part.name().unwrap_or_default().to_owned();
        let filename = part.file_name().map(str::to_owned);
        let content_type = part.content_type().map(ToString::to_string);
        let bytes = part.bytes().await.map_err(refused)?;
        if filename.is_some() {
            form.files.push((name, File { filename, content_type, bytes }));
            continue;
        }
        texts += bytes.len() as u64;
        if texts > FORM_BYTES {
            return Err(Refusal::bad(
                "The form's texts are too long. Send the file with a name (curl -F file=@people.csv).",
            )
            .status(StatusCode::PAYLOAD_TOO_LARGE));
        }
        let text = String::from_utf8(bytes.to_vec());
        let text = text.map_err(|_| Refusal::bad(format!("The form's part '{name}' is no UTF-8.")))?;
        form.texts.push((name, text));
    }
    Ok(form)
}

fn content_type(headers: &HeaderMap) -> String {
    let text = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn too_large(most: usize) -> Refusal {
    let message = format!("The upload is larger than {} MiB. Send it in parts.", most >> 20);
    Refusal::new(Code::CostLimit, message).status(StatusCode::PAYLOAD_TOO_LARGE)
}

fn cut_off() -> Refusal {
    Refusal::bad("The upload could not be read to its end.")
}

fn slow() -> Refusal {
    let message = format!("The upload took longer than {} s.", PATIENCE.as_secs());
    Refusal::new(Code::Timeout, message).status(StatusCode::REQUEST_TIMEOUT)
}
