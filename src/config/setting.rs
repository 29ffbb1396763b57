//! The settings: one entry each. The command line, the environment, the file, `--help` and `throughline config` all
//! come from this list.

/// One setting. Its flag, its environment variable and its key in the file follow from `key`.
pub struct Setting {
    /// Name in the file (`api_token`); the flag is `--api-token`, the variable `THROUGHLINE_API_TOKEN`.
    pub key: &'static str,
    /// What stands for the value in `--help`.
    pub value_name: &'static str,
    /// Used when nobody says anything. Empty means "not set".
    pub default: &'static str,
    /// A secret is never printed.
    pub secret: bool,
    /// For `--help`.
    pub help: &'static str,
}

impl Setting {
    /// `api-token`
    pub fn flag(&self) -> String {
        self.key.replace('_', "-")
    }

    /// `THROUGHLINE_API_TOKEN`
    pub fn variable(&self) -> String {
        format!("THROUGHLINE_{}", self.key.to_uppercase())
    }
}

const fn setting(key: &'static str, value_name: &'static str, default: &'static str, help: &'static str) -> Setting {
    Setting { key, value_name, default, secret: false, help }
}

const fn secret(key: &'static str, value_name: &'static str, help: &'static str) -> Setting {
    Setting { key, value_name, default: "", secret: true, help }
}

/// Every setting, in the order in which `--help` shows them.
pub static SETTINGS: &[Setting] = &[
    setting(
        "lake",
        "URL",
        "./throughline-lake",
        "Where the lake is: a path, file://, s3://bucket/path, gs://, az:// or memory://. Credentials and endpoints come \
         from the usual variables of each cloud (AWS_ACCESS_KEY_ID, AWS_ENDPOINT_URL, GOOGLE_SERVICE_ACCOUNT, ...). The \
         default one is made from the sample company on first start",
    ),
    setting(
        "ca_bundle",
        "FILE",
        "",
        "Certificates (PEM) to trust beside the machine's when the object store is called, for a store with a certificate of \
         a private authority",
    ),
    setting(
        "listen",
        "ADDRESS",
        "127.0.0.1:8080",
        "Address and port to serve on. Port 0 takes a free one. An address that other machines can reach needs an API token",
    ),
    secret(
        "api_token",
        "TOKEN",
        "When set, everything but /healthz and /readyz asks for 'Authorization: Bearer TOKEN' (browsers: any user name and \
         the token as password). Prefer the variable or the file: other users of a machine can read its command lines",
    ),
    setting(
        "allowed_origins",
        "ORIGINS",
        "",
        "Web pages of other origins whose scripts may call this server, as a comma-separated list \
         (https://app.example.com). '*' allows every page. None by default: a server without a token would otherwise \
         answer any page that its user opens",
    ),
    setting(
        "allowed_hosts",
        "HOSTS",
        "",
        "Host names by which this server may be called when no API token is set, besides localhost and IP addresses. \
         It keeps foreign pages from reaching it by a name that resolves to this machine",
    ),
    setting(
        "organization",
        "NAME",
        "Organization",
        "Name of the organisation, as the API shows it. Over the default lake, which is the sample company's, it is that \
         company's name by default",
    ),
    setting(
        "timezone",
        "ZONE",
        "UTC",
        "Time zone of the organisation (IANA name): days, weeks and months are cut in it",
    ),
    setting(
        "bots",
        "LOGINS",
        "",
        "Accounts to count as bots, besides those of kind BOT and names ending in [bot]; comma-separated",
    ),
    setting(
        "calendar_weekend",
        "DAYS",
        "",
        "Days of the week on which nobody works (SATURDAY,SUNDAY), comma-separated. Durations leave such days out, from \
         midnight to midnight in the time zone that is asked. In the file also: [calendar] weekend = [...]",
    ),
    setting(
        "calendar_holidays",
        "DATES",
        "",
        "Single days on which nobody works (2026-12-25,2027-01-01), comma-separated; durations leave them out too",
    ),
    setting(
        "calendar_metrics",
        "NAMES",
        "",
        "The only metrics whose durations leave weekend and holidays out (LEAD_TIME_FOR_CHANGES), comma-separated; all of \
         them by default",
    ),
    setting("query_timeout", "TIME", "30s", "A request that takes longer is stopped and answered with TIMEOUT"),
    setting(
        "memory_limit",
        "SIZE",
        "auto",
        "Memory for queries and intake, as 4GiB; 'auto' takes 60 % of what the machine or container has",
    ),
    setting(
        "max_concurrent_queries",
        "N",
        "auto",
        "Plans computed at the same time, others wait; 'auto' is twice the number of cores",
    ),
    setting("max_depth", "N", "20", "Deepest nesting of a GraphQL query"),
    setting(
        "max_complexity",
        "N",
        "200000",
        "Highest cost of a GraphQL query: about one for each field, bucket and row asked for",
    ),
    setting("max_aliases", "N", "500", "Most aliases in a GraphQL query"),
    setting("max_tokens", "N", "20000", "Most tokens (names, signs, values) in a GraphQL query"),
    setting("max_body", "SIZE", "16MiB", "Largest request body"),
    setting(
        "intake_interval",
        "TIME",
        "10s",
        "How often landing/ is looked at; 'off' leaves intake to POST /intake and 'throughline intake'",
    ),
    setting(
        "refresh_interval",
        "TIME",
        "2s",
        "How often the server looks for commits of other servers. A request looks by itself when the last look is longer ago \
         than this; with 'off' every request does",
    ),
    setting(
        "reload_interval",
        "TIME",
        "10s",
        "How often the lake's own metrics (definitions/metrics/*.toml) are looked at; 'off' leaves it to POST /reload and the \
         mutation reloadDefinitions",
    ),
    setting(
        "maintenance_interval",
        "TIME",
        "1h",
        "How often small files are compacted and unused ones removed; 'off' leaves it to 'throughline compact' and 'vacuum'",
    ),
    setting("vacuum_retention", "TIME", "7d", "How long files that no table version needs any more are kept"),
    setting(
        "log_level",
        "LEVEL",
        "info",
        "error, warn, info, debug, trace, or directives such as 'info,throughline=debug'",
    ),
    setting("log_format", "FORMAT", "text", "text or json"),
    setting("now", "TIME", "", "Answer as if it were this time (RFC 3339), to reproduce an answer"),
];
