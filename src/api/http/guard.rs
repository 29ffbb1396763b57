//! Who may come in: host name, origin, token. It stands before every route.
//!
//! A server on a loopback address without a token can still be reached by pages that its user opens. Three checks stop
//! those: foreign origins may not send what changes something nor open a WebSocket, CORS lets none read (see `mod.rs`), and a
//! name that merely resolves to this machine is no host of ours.

use std::{net::IpAddr, sync::Arc};

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderName, Method, Response, StatusCode, header},
    middleware::Next,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::Value;
use sha2::{Digest, Sha256};
use url::Url;

use super::{
    Door,
    error::{Code, Refusal},
    media::Media,
};
use crate::api::Caller;

/// Who may come in.
#[derive(Debug, Clone, Default)]
pub struct Access {
    /// Hashes are compared, so that the time it takes tells nothing.
    token_sha256: Option<[u8; 32]>,
    pub(super) allowed_origins: Vec<String>,
    allowed_hosts: Vec<String>,
}

/// Whether the request carried the token (or none is needed).
#[derive(Debug, Clone, Copy)]
pub struct Authenticated(pub bool);

/// The header that names the person on whose behalf a program asks.
pub const USER: &str = "x-throughline-user";
/// By this header browsers tell whether a page is of another site.
const FETCH_SITE: &str = "sec-fetch-site";
/// The longest name of a person, in characters.
const LONGEST_USER: usize = 200;

impl Access {
    pub fn new(token: Option<&str>, allowed_origins: Vec<String>, allowed_hosts: Vec<String>) -> Access {
        Access { token_sha256: token.map(digest), allowed_origins, allowed_hosts }
    }

    pub fn needs_token(&self) -> bool {
        self.token_sha256.is_some()
    }

    /// Who asks. Only for a request that was let in.
    pub fn caller(&self, headers: &HeaderMap) -> Caller {
        // Headers are bytes; names are UTF-8.
        let text = headers.get(USER).and_then(|value| std::str::from_utf8(value.as_bytes()).ok());
        let user =
            text.map(|text| text.trim().chars().filter(|c| !c.is_control()).take(LONGEST_USER).collect::<String>());
        Caller { user: user.filter(|user| !user.is_empty()), token: self.needs_token() }
    }

    /// True when the first message of a WebSocket carries the token: `{ "Authorization": "Bearer ..." }`.
    pub fn admits_payload(&self, payload: &Value) -> bool {
        let header = payload.get("Authorization").or_else(|| payload.get("authorization"));
        self.admits(header.and_then(Value::as_str))
    }

    fn admits(&self, authorization: Option<&str>) -> bool {
        let Some(expected) = self.token_sha256 else { return true };
        let Some((scheme, rest)) = authorization.and_then(|text| text.split_once(' ')) else { return false };
        if scheme.eq_ignore_ascii_case("bearer") {
            return digest(rest.trim()) == expected;
        }
        // What a browser asks its user for: any name, the token as password.
        let decoded = BASE64_STANDARD.decode(rest.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let password = decoded.as_deref().and_then(|pair| pair.split_once(':')).map(|(_, password)| password);
        scheme.eq_ignore_ascii_case("basic") && password.is_some_and(|password| digest(password) == expected)
    }

    /// A token says enough about the caller. Without one, only names that no foreign page can point at us will do.
    fn admits_host(&self, host: Option<&str>) -> bool {
        let Some(host) = host.filter(|_| !self.needs_token()) else { return true };
        let name = match host.strip_prefix('[') {
            Some(rest) => rest.split(']').next().unwrap_or_default(),
            None => host.split(':').next().unwrap_or_default(),
        };
        name.parse::<IpAddr>().is_ok()
            || name.eq_ignore_ascii_case("localhost")
            || self.allowed_hosts.iter().any(|allowed| allowed.eq_ignore_ascii_case(name))
    }

    /// Whether a request that changes something comes from a program or from a page that may. A browser sends a form of a
    /// foreign page without asking; by at least one of these headers it tells where the page is from.
    fn admits_page(&self, headers: &HeaderMap, host: Option<&str>) -> bool {
        if headers.contains_key(header::ORIGIN) {
            return self.admits_origin(text(headers, header::ORIGIN).or(Some("null")), host);
        }
        if matches!(text(headers, HeaderName::from_static(FETCH_SITE)), Some("cross-site" | "same-site")) {
            return false;
        }
        let Some(referer) = text(headers, header::REFERER) else { return true };
        let origin = Url::parse(referer).map(|url| url.origin().ascii_serialization());
        self.admits_origin(Some(origin.as_deref().unwrap_or("null")), host)
    }

    fn admits_origin(&self, origin: Option<&str>, host: Option<&str>) -> bool {
        let Some(origin) = origin else { return true };
        let own = origin
            .split_once("://")
            .is_some_and(|(_, authority)| host.is_some_and(|host| authority.eq_ignore_ascii_case(host)));
        own || self.allowed_origins.iter().any(|allowed| allowed == "*" || allowed == origin)
    }
}

/// Lets a request in, or says why not.
pub async fn guard(State(door): State<Arc<Door>>, mut request: Request, next: Next) -> Response<Body> {
    match check(&door.settings.access, &request) {
        Ok(authenticated) => {
            request.extensions_mut().insert(authenticated);
            next.run(request).await
        }
        Err(refusal) => refusal.into_answer(Media::negotiate(request.headers()).unwrap_or(Media::Json)),
    }
}

fn check(access: &Access, request: &Request) -> Result<Authenticated, Refusal> {
    let (path, headers) = (request.uri().path(), request.headers());
    if matches!(path, "/healthz" | "/readyz") {
        return Ok(Authenticated(false));
    }
    let host = text(headers, header::HOST).or_else(|| request.uri().authority().map(|authority| authority.as_str()));
    if !access.admits_host(host) {
        let message =
            "This host name is not one of the server's. Add it to the setting 'allowed_hosts', or set an API token.";
        return Err(Refusal::new(Code::Forbidden, message));
    }
    let upgrade = text(headers, header::UPGRADE).is_some_and(|to| to.eq_ignore_ascii_case("websocket"));
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if (upgrade || changes) && !access.admits_page(headers, host) {
        let message = "Pages of this origin may not call. Add it to the setting 'allowed_origins'.";
        return Err(Refusal::new(Code::Forbidden, message));
    }
    let authenticated = access.admits(text(headers, header::AUTHORIZATION));
    // A browser's WebSocket cannot carry the header; its first message then does.
    let later = upgrade && path == "/graphql" && !headers.contains_key(header::AUTHORIZATION);
    if authenticated || later {
        return Ok(Authenticated(authenticated));
    }
    // Pages for people: let the browser ask. Programs get the scheme that they should use.
    let page = path == "/" || path.starts_with("/graphiql");
    let scheme = if page { "Basic realm=\"throughline\", charset=\"UTF-8\"" } else { "Bearer" };
    Err(Refusal::new(Code::Unauthenticated, "An API token is needed: send 'Authorization: Bearer TOKEN'.")
        .status(StatusCode::UNAUTHORIZED)
        .header(header::WWW_AUTHENTICATE, scheme))
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_token_opens() {
        let access = Access::new(Some("t0ken"), vec![], vec![]);
        let basic = format!("Basic {}", BASE64_STANDARD.encode("anyone:t0ken"));
        for good in ["Bearer t0ken", "bearer t0ken", basic.as_str()] {
            assert!(access.admits(Some(good)), "{good}");
        }
        for bad in ["Bearer other", "Bearer", "t0ken", "Basic t0ken", ""] {
            assert!(!access.admits(Some(bad)), "{bad}");
        }
        assert!(!access.admits(None) && Access::default().admits(None));
        assert!(!format!("{access:?}").contains("t0ken"));
    }

    #[test]
    fn names_that_may_be_rebound_are_refused() {
        let access = Access::new(None, vec![], vec!["metrics.example.com".into()]);
        for good in ["127.0.0.1:8080", "[::1]:8080", "localhost", "Localhost:1", "metrics.example.com:80"] {
            assert!(access.admits_host(Some(good)), "{good}");
        }
        for bad in ["evil.example.com", "localhost.evil.example.com", "127.0.0.1.evil.example.com:80"] {
            assert!(!access.admits_host(Some(bad)), "{bad}");
        }
    }

    #[test]
    fn forms_of_foreign_pages_are_refused() {
        let access = Access::new(None, vec!["https://app.example.com".into()], vec![]);
        let admits = |name: &'static str, value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(name, value.parse().expect("a header"));
            access.admits_page(&headers, Some("127.0.0.1:8080"))
        };
        assert!(access.admits_page(&HeaderMap::new(), Some("127.0.0.1:8080")), "a program");
        for (name, value) in [
            ("origin", "http://127.0.0.1:8080"),
            ("origin", "https://app.example.com"),
            ("sec-fetch-site", "same-origin"),
            ("sec-fetch-site", "none"),
            ("referer", "http://127.0.0.1:8080/graphiql"),
            ("referer", "https://app.example.com/people?x=1"),
        ] {
            assert!(admits(name, value), "{name}: {value}");
        }
        for (name, value) in [
            ("origin", "null"),
            ("origin", "https://evil.example.com"),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
            ("referer", "https://evil.example.com/127.0.0.1:8080"),
            ("referer", "about:blank"),
        ] {
            assert!(!admits(name, value), "{name}: {value}");
        }
    }

    #[test]
    fn foreign_origins_are_refused() {
        let access = Access::new(None, vec!["https://app.example.com".into()], vec![]);
        let host = Some("127.0.0.1:8080");
        assert!(access.admits_origin(None, host));
        assert!(access.admits_origin(Some("http://127.0.0.1:8080"), host));
        assert!(access.admits_origin(Some("https://app.example.com"), host));
        for bad in ["http://127.0.0.1:9090", "https://evil.example.com", "null"] {
            assert!(!access.admits_origin(Some(bad), host), "{bad}");
        }
    }
}
