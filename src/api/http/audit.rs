//! `/audit.csv`: who changed what of people and settings, as a file for spreadsheets, with the filters of the GraphQL field.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{RawQuery, State},
    http::{HeaderName, Response, header},
    response::IntoResponse,
};
use chrono::{DateTime, Utc};
use url::form_urlencoded;

use super::{Door, error::Refusal, media::Media};
use crate::people::{
    audit::{Filter, Place, csv as lines},
    document::Kind,
};

/// Entries read at once.
const PAGE: usize = 1_000;

/// Every entry that fits, newest first. What cannot be read midway cuts the body off.
pub async fn csv(State(door): State<Arc<Door>>, RawQuery(query): RawQuery) -> Response<Body> {
    let filter = match filter(&query.unwrap_or_default()) {
        Ok(filter) => filter,
        Err(refusal) => return refusal.into_answer(Media::Json),
    };
    let pages = async_stream::try_stream! {
        let (mut after, mut header) = (None::<Place>, true);
        loop {
            let page = door.backend.audit(&filter, after.as_ref(), PAGE).await?;
            yield lines(&page, header)?;
            header = false;
            after = page.entries.last().map(|(entry, _)| Place::of(entry));
            if !page.more {
                break;
            }
        }
    };
    let pages = Body::from_stream(async_stream::stream! {
        for await page in pages {
            let page: anyhow::Result<String> = page;
            yield page.map_err(|failure| std::io::Error::other(super::error::internal(&failure).message));
        }
    });
    let headers: [(HeaderName, &str); 3] = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"audit.csv\""),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, pages).into_response()
}

fn filter(query: &str) -> Result<Filter, Refusal> {
    let mut filter = Filter::default();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let time = || {
            let read = value.parse::<DateTime<Utc>>();
            read.map_err(|_| Refusal::bad(format!("Parameter '{name}' must be a time such as 2026-03-29T00:00:00Z.")))
        };
        match name.as_ref() {
            "actor" => filter.actor = Some(value.into_owned()),
            "action" => filter.action = Some(value.into_owned()),
            "key" => filter.key = Some(value.into_owned()),
            "kind" => {
                let kind = Kind::ALL.into_iter().find(|kind| kind.name() == value);
                let known = Kind::ALL.map(Kind::name).join(", ");
                let wrong = || Refusal::bad(format!("Parameter 'kind' must be one of {known}."));
                filter.kind = Some(kind.ok_or_else(wrong)?);
            }
            "from" => filter.from = Some(time()?),
            "to" => filter.to = Some(time()?),
            _ => {
                let message = format!("There is no parameter '{name}'; there are actor, action, kind, key, from, to.");
                return Err(Refusal::bad(message));
            }
        }
    }
    Ok(filter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_read_strictly() {
        let read = filter("actor=Dora+Dale&kind=TEAM&from=2026-01-01T00:00:00Z").expect("a filter");
        assert_eq!((read.actor.as_deref(), read.kind), (Some("Dora Dale"), Some(Kind::Team)));
        assert!(read.from.is_some() && read.to.is_none());
        for wrong in ["kind=team", "from=yesterday", "who=me"] {
            assert!(filter(wrong).is_err(), "{wrong}");
        }
    }
}
