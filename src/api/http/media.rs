//! Content negotiation: which media type answers an `Accept` header, and which bodies are read. Pure.

use axum::http::{HeaderMap, header};

/// How a GraphQL answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Media {
    /// `application/graphql-response+json`: the status says whether the request was good.
    GraphQl,
    /// `application/json`: 200 for every well-formed request, as old clients expect.
    Json,
    /// `text/event-stream`: server-sent events.
    Events,
}

impl Media {
    /// The `Content-Type` of an answer.
    pub fn content_type(self) -> &'static str {
        match self {
            Media::GraphQl => "application/graphql-response+json; charset=utf-8",
            Media::Json => "application/json; charset=utf-8",
            Media::Events => "text/event-stream",
        }
    }

    /// The best type that the `Accept` headers allow; `None` when there is none (406). Without a header, or where only
    /// a wildcard matches, the answer is `application/json`.
    pub fn negotiate(headers: &HeaderMap) -> Option<Media> {
        let mut ranges = Vec::new();
        let mut any = false;
        for value in headers.get_all(header::ACCEPT) {
            any = true;
            ranges.extend(value.to_str().unwrap_or_default().split(',').filter_map(Range::parse));
        }
        if !any {
            return Some(Media::Json);
        }
        // In order of preference among equals: what is named wins over what a wildcard admits.
        [Media::GraphQl, Media::Json, Media::Events]
            .into_iter()
            .filter_map(|media| {
                let range = ranges.iter().filter(|range| range.covers(media)).max_by_key(|range| range.precision())?;
                let tie = match (range.precision(), media) {
                    (2, _) => 2,
                    (_, Media::Json) => 1,
                    _ => 0,
                };
                (range.quality > 0 && !(media == Media::Events && range.precision() < 2))
                    .then_some(((range.quality, tie), media))
            })
            .fold(None, |best: Option<((u16, u8), Media)>, next| match best {
                Some(best) if best.0 >= next.0 => Some(best),
                _ => Some(next),
            })
            .map(|(_, media)| media)
    }
}

/// One part of an `Accept` header.
struct Range {
    kind: String,
    sub: String,
    /// Thousandths.
    quality: u16,
}

impl Range {
    fn parse(text: &str) -> Option<Range> {
        let mut parts = text.split(';').map(str::trim);
        let (kind, sub) = parts.next()?.split_once('/')?;
        let mut quality = 1000;
        for part in parts {
            let (name, value) = part.split_once('=')?;
            match name.trim().to_ascii_lowercase().as_str() {
                "q" => quality = (value.trim().parse::<f32>().ok()?.clamp(0.0, 1.0) * 1000.0) as u16,
                // We write UTF-8 only.
                "charset" if !value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8") => return None,
                _ => {}
            }
        }
        Some(Range { kind: kind.trim().to_ascii_lowercase(), sub: sub.trim().to_ascii_lowercase(), quality })
    }

    fn covers(&self, media: Media) -> bool {
        let (kind, sub) = match media {
            Media::GraphQl => ("application", "graphql-response+json"),
            Media::Json => ("application", "json"),
            Media::Events => ("text", "event-stream"),
        };
        (self.kind == "*" && self.sub == "*") || (self.kind == kind && (self.sub == "*" || self.sub == sub))
    }

    /// `*/*` 0, `application/*` 1, `application/json` 2.
    fn precision(&self) -> u8 {
        u8::from(self.kind != "*") + u8::from(self.sub != "*")
    }
}

/// True for `application/json` in UTF-8. Bodies of other types are refused: a page of another origin can send those
/// (text, forms, multipart) without asking.
pub fn is_json_body(headers: &HeaderMap) -> bool {
    let Some(Ok(text)) = headers.get(header::CONTENT_TYPE).map(|value| value.to_str()) else { return false };
    let mut parts = text.split(';').map(str::trim);
    let json = parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case("application/json"));
    let utf8 = parts.all(|part| match part.split_once('=') {
        Some((name, value)) if name.trim().eq_ignore_ascii_case("charset") => {
            matches!(value.trim().trim_matches('"').to_ascii_lowercase().as_str(), "utf-8" | "utf8")
        }
        _ => true,
    });
    json && utf8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accept(text: &str) -> Option<Media> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, text.parse().unwrap());
        Media::negotiate(&headers)
    }

    #[test]
    fn the_best_admitted_type_answers() {
        assert_eq!(Media::negotiate(&HeaderMap::new()), Some(Media::Json));
        assert_eq!(accept("application/graphql-response+json"), Some(Media::GraphQl));
        assert_eq!(accept("application/json"), Some(Media::Json));
        assert_eq!(accept("*/*"), Some(Media::Json));
        assert_eq!(accept("application/*"), Some(Media::Json));
        assert_eq!(accept("text/html, */*;q=0.8"), Some(Media::Json));
        assert_eq!(accept("application/json, application/graphql-response+json"), Some(Media::GraphQl));
        assert_eq!(accept("application/graphql-response+json;q=0.5, application/json"), Some(Media::Json));
        assert_eq!(
            accept("application/graphql-response+json; charset=utf-8, application/json; charset=utf-8"),
            Some(Media::GraphQl)
        );
        assert_eq!(accept("application/json;q=0, */*"), Some(Media::GraphQl));
        assert_eq!(accept("application/graphql-response+json;q=0.1, */*;q=0.5"), Some(Media::Json));
        assert_eq!(accept("text/event-stream"), Some(Media::Events));
        assert_eq!(accept("text/html"), None);
        assert_eq!(accept("application/json;q=0"), None);
        assert_eq!(accept("application/json; charset=latin1"), None);
    }

    #[test]
    fn only_json_in_utf8_is_read() {
        let body = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, text.parse().unwrap());
            is_json_body(&headers)
        };
        assert!(body("application/json") && body("Application/JSON; charset=\"UTF-8\""));
        for refused in
            ["text/plain", "application/json; charset=latin1", "multipart/form-data; boundary=x", "application/jsonp"]
        {
            assert!(!body(refused), "{refused}");
        }
        assert!(!is_json_body(&HeaderMap::new()));
    }
}
