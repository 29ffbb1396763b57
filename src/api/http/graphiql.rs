//! GraphiQL, from bytes embedded in the binary: it needs no internet. `assets/graphiql/build.sh` makes them.

use std::sync::{Arc, OnceLock};

use axum::{
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, Response, StatusCode, header},
    response::{Html, IntoResponse},
};
use sha2::{Digest, Sha256};

use super::{Door, etag, pages};

const PAGE: &str = include_str!("../../../assets/graphiql/index.html");

/// Only our own script, which may talk only to us. Its editor sets styles, and its fonts are in the style sheet.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src data:; img-src 'self' data:; \
                      connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

struct Asset {
    name: &'static str,
    content_type: &'static str,
    bytes: &'static [u8],
}

static ASSETS: [Asset; 3] = [
    Asset {
        name: "graphiql.js",
        content_type: "text/javascript; charset=utf-8",
        bytes: include_bytes!("../../../assets/graphiql/dist/graphiql.js"),
    },
    Asset {
        name: "graphiql.css",
        content_type: "text/css; charset=utf-8",
        bytes: include_bytes!("../../../assets/graphiql/dist/graphiql.css"),
    },
    Asset {
        name: "LICENSES.txt",
        content_type: "text/plain; charset=utf-8",
        bytes: include_bytes!("../../../assets/graphiql/dist/LICENSES.txt"),
    },
];

/// The page, with the example query in it.
pub async fn page(State(door): State<Arc<Door>>) -> impl IntoResponse {
    let html = PAGE.replace("{{example}}", &escape(&door.settings.example));
    let headers = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, Html(html))
}

/// Script, style sheet, licences.
pub async fn file(Path(name): Path<String>, headers: HeaderMap) -> Response<Body> {
    let Some(at) = ASSETS.iter().position(|asset| asset.name == name) else { return pages::not_found().await };
    let tag = &tags()[at];
    let mut response = if etag::matches(&headers, tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(header::CONTENT_TYPE, ASSETS[at].content_type)], ASSETS[at].bytes).into_response()
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.extend(HeaderValue::from_str(tag).ok().map(|tag| (header::ETAG, tag)));
    response
}

/// Weak: the same bytes may leave compressed or not.
fn tags() -> &'static [String; 3] {
    static TAGS: OnceLock<[String; 3]> = OnceLock::new();
    TAGS.get_or_init(|| {
        ASSETS.each_ref().map(|asset| {
            let hash: String = Sha256::digest(asset.bytes).iter().take(12).map(|byte| format!("{byte:02x}")).collect();
            format!("W/\"{hash}\"")
        })
    })
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
