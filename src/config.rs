//! Settings: command line over environment over a TOML file over defaults, read once, into a type that cannot be wrong.
//!
//! The list of settings is in `setting.rs`, how values are written in `units.rs`. Nothing else reads the environment
//! (but the clouds' credentials, which the object store finds by itself).

pub mod setting;
pub mod units;

use std::{collections::BTreeMap, net::SocketAddr, path::Path, str::FromStr, time::Duration};

use anyhow::{Context, anyhow, bail};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::{
    clock::Clock,
    model::business_calendar::{self, BusinessCalendar},
    sources::sample,
};
use setting::{SETTINGS, Setting};

/// The file that is read when it is there and no other was named.
pub const DEFAULT_FILE: &str = "throughline.toml";

/// The effective settings.
#[derive(Debug, Clone)]
pub struct Config {
    /// Path or URL of the lake.
    pub lake: String,
    /// Nobody named a lake: the default one is made from the sample company on first start.
    pub lake_is_default: bool,
    /// PEM file of certificates to trust beside the machine's when the object store is called.
    pub ca_bundle: Option<String>,
    pub listen: SocketAddr,
    pub api_token: Option<Secret>,
    /// Origins of foreign pages that may call; `*` means all.
    pub allowed_origins: Vec<String>,
    /// Host names that are accepted without a token, besides localhost and addresses.
    pub allowed_hosts: Vec<String>,
    pub organization: String,
    pub timezone: Tz,
    /// Logins that count as bots, besides what the tables say.
    pub bots: Vec<String>,
    /// Days of rest that durations leave out.
    pub calendar: BusinessCalendar,
    pub query_timeout: Duration,
    pub memory_limit_bytes: u64,
    pub max_concurrent_queries: usize,
    pub max_depth: usize,
    pub max_complexity: usize,
    pub max_aliases: usize,
    pub max_tokens: usize,
    pub max_body_bytes: usize,
    /// Zero: off.
    pub intake_interval: Duration,
    pub refresh_interval: Duration,
    /// Zero: off.
    pub reload_interval: Duration,
    /// Zero: off.
    pub maintenance_interval: Duration,
    pub vacuum_retention: Duration,
    pub log_level: String,
    pub log_format: LogFormat,
    pub clock: Clock,
    /// Every setting with its origin, for `throughline config`.
    pub effective: Vec<Effective>,
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
}

/// A text that is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    pub fn new(text: impl Into<String>) -> Secret {
        Secret(text.into())
    }

    /// The text itself; for comparing, not for showing.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("(hidden)")
    }
}

/// One setting as it came out.
#[derive(Debug, Clone)]
pub struct Effective {
    pub key: &'static str,
    /// As written; `None` for a secret that is set.
    pub shown: Option<String>,
    /// "command line", "THROUGHLINE_LAKE", "throughline.toml", "default".
    pub origin: String,
}

/// Where raw values come from, strongest first.
#[derive(Default)]
pub struct Sources {
    /// By key: what the command line says.
    pub command_line: BTreeMap<&'static str, String>,
    /// By variable name: the environment.
    pub environment: BTreeMap<String, String>,
    /// Name and text of the file.
    pub file: Option<(String, String)>,
}

impl Sources {
    /// The process's environment, and the file: the one named (it must be there), or the default one if it is there.
    pub fn from_process(command_line: BTreeMap<&'static str, String>, file: Option<&Path>) -> anyhow::Result<Sources> {
        let environment: BTreeMap<String, String> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .filter(|(name, _)| name.starts_with("THROUGHLINE_"))
            .collect();
        let named =
            file.map(|path| path.display().to_string()).or_else(|| environment.get("THROUGHLINE_CONFIG").cloned());
        let file = match named {
            Some(name) => {
                let text =
                    std::fs::read_to_string(&name).with_context(|| format!("cannot read the settings file {name}"))?;
                Some((name, text))
            }
            None => match std::fs::read_to_string(DEFAULT_FILE) {
                Ok(text) => Some((DEFAULT_FILE.to_owned(), text)),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
                Err(error) => {
                    return Err(error).with_context(|| format!("cannot read the settings file {DEFAULT_FILE}"));
                }
            },
        };
        Ok(Sources { command_line, environment, file })
    }
}

impl Config {
    /// The defaults, with nothing from outside.
    pub fn defaults() -> Config {
        Config::resolve(&Sources::default()).expect("a unit test resolves the defaults")
    }

    /// Reads every setting from its strongest source. An error names the setting and where the value came from.
    pub fn resolve(sources: &Sources) -> anyhow::Result<Config> {
        let values = Values::collect(sources)?;
        let memory_limit_bytes = values.read("memory_limit", |text| match text {
            "auto" => Ok(machine_memory_bytes() / 10 * 6),
            text => units::bytes(text),
        })?;
        let max_concurrent_queries = values.read("max_concurrent_queries", |text| match text {
            "auto" => Ok(std::thread::available_parallelism().map_or(2, |n| n.get()) * 2),
            text => at_least_one(text),
        })?;
        Ok(Config {
            lake: values.text("lake"),
            lake_is_default: values.get("lake").is_default(),
            ca_bundle: Some(values.text("ca_bundle")).filter(|path| !path.is_empty()),
            listen: values.read("listen", |text| {
                text.replace("localhost:", "127.0.0.1:")
                    .parse()
                    .map_err(|_| format!("'{text}' is not an address and port, such as 127.0.0.1:8080"))
            })?,
            api_token: Some(values.text("api_token")).filter(|token| !token.is_empty()).map(Secret::new),
            allowed_origins: values.read("allowed_origins", origins)?,
            allowed_hosts: units::list(&values.text("allowed_hosts")),
            organization: values.text("organization"),
            timezone: values.read("timezone", |text| {
                Tz::from_str(text).map_err(|_| format!("'{text}' is not an IANA time zone, such as Europe/Berlin"))
            })?,
            bots: units::list(&values.text("bots")),
            calendar: BusinessCalendar {
                weekend: values.read("calendar_weekend", |text| business_calendar::weekend(&units::list(text)))?,
                holidays: values.read("calendar_holidays", |text| business_calendar::holidays(&units::list(text)))?,
                metrics: values.read("calendar_metrics", |text| business_calendar::metrics(&units::list(text)))?,
            },
            query_timeout: values.read("query_timeout", positive)?,
            memory_limit_bytes,
            max_concurrent_queries,
            max_depth: values.read("max_depth", at_least_one)?,
            max_complexity: values.read("max_complexity", at_least_one)?,
            max_aliases: values.read("max_aliases", at_least_one)?,
            max_tokens: values.read("max_tokens", at_least_one)?,
            max_body_bytes: values.read("max_body", units::bytes)? as usize,
            intake_interval: values.read("intake_interval", units::duration)?,
            refresh_interval: values.read("refresh_interval", units::duration)?,
            reload_interval: values.read("reload_interval", units::duration)?,
            maintenance_interval: values.read("maintenance_interval", units::duration)?,
            vacuum_retention: values.read("vacuum_retention", units::duration)?,
            log_level: values.text("log_level"),
            log_format: values.read("log_format", |text| match text {
                "text" => Ok(LogFormat::Text),
                "json" => Ok(LogFormat::Json),
                _ => Err(format!("'{text}' is neither text nor json")),
            })?,
            clock: values.read("now", clock)?,
            effective: values.shown(),
        })
    }

    /// Refuses to serve other machines without authentication.
    pub fn check_listen(&self) -> anyhow::Result<()> {
        if self.listen.ip().is_loopback() || self.api_token.is_some() {
            return Ok(());
        }
        bail!(
            "refusing to listen on {}: other machines could read everything, since no API token is set. \
             Set one (THROUGHLINE_API_TOKEN), or listen on 127.0.0.1",
            self.listen
        )
    }
}

/// The origin of what nobody said.
const DEFAULT: &str = "default";

/// Raw values with their origins.
struct Values(BTreeMap<&'static str, Value>);

struct Value {
    text: String,
    origin: String,
}

impl Value {
    fn is_default(&self) -> bool {
        self.origin == DEFAULT
    }
}

impl Values {
    fn collect(sources: &Sources) -> anyhow::Result<Values> {
        let file = match &sources.file {
            Some((name, text)) => read_file(name, text)?,
            None => BTreeMap::new(),
        };
        let pick = |setting: &Setting| {
            let variable = setting.variable();
            if let Some(text) = sources.command_line.get(setting.key) {
                Value { text: text.clone(), origin: "command line".into() }
            } else if let Some(text) = sources.environment.get(&variable) {
                Value { text: text.clone(), origin: variable }
            } else if let (Some(text), Some((name, _))) = (file.get(setting.key), &sources.file) {
                Value { text: text.clone(), origin: name.clone() }
            } else {
                Value { text: setting.default.to_owned(), origin: DEFAULT.into() }
            }
        };
        let mut values = Values(SETTINGS.iter().map(|setting| (setting.key, pick(setting))).collect());
        if values.get("lake").is_default()
            && let Some(name) = values.0.get_mut("organization").filter(|name| name.is_default())
        {
            name.text = sample::COMPANY.to_owned();
        }
        Ok(values)
    }

    fn get(&self, key: &str) -> &Value {
        self.0.get(key).expect("Config::resolve reads only keys of SETTINGS, as a unit test shows")
    }

    fn text(&self, key: &str) -> String {
        self.get(key).text.clone()
    }

    fn read<T>(&self, key: &str, parse: impl Fn(&str) -> Result<T, String>) -> anyhow::Result<T> {
        let value = self.get(key);
        parse(value.text.trim()).map_err(|reason| anyhow!("setting '{key}' (from {}): {reason}", value.origin))
    }

    fn shown(&self) -> Vec<Effective> {
        let show = |setting: &'static Setting| {
            let value = self.get(setting.key);
            let shown = Some(value.text.clone()).filter(|text| !setting.secret || text.is_empty());
            Effective { key: setting.key, shown, origin: value.origin.clone() }
        };
        SETTINGS.iter().map(show).collect()
    }
}

/// The file's keys as text; the keys of a section `[a]` begin with `a_`. An unknown key is an error that names it, and
/// the known ones.
fn read_file(name: &str, text: &str) -> anyhow::Result<BTreeMap<String, String>> {
    let table: toml::Table = text.parse().with_context(|| format!("{name} is not valid TOML"))?;
    let mut written = Vec::new();
    for (key, value) in table {
        match value {
            toml::Value::Table(section) => {
                let keys =
                    section.into_iter().map(|(own, value)| (format!("{key}_{own}"), format!("{key}.{own}"), value));
                written.extend(keys);
            }
            value => written.push((key.clone(), key, value)),
        }
    }
    let mut values = BTreeMap::new();
    for (key, written, value) in written {
        if !SETTINGS.iter().any(|setting| setting.key == key) {
            let known: Vec<_> = SETTINGS.iter().map(|setting| setting.key).collect();
            bail!("{name}: unknown setting '{written}'. Known are: {}", known.join(", "));
        }
        let text =
            scalar(&value).ok_or_else(|| anyhow!("{name}: '{written}' must be a text, a number or a list of texts"))?;
        if values.insert(key, text).is_some() {
            bail!("{name}: '{written}' is set twice, with a section and without");
        }
    }
    Ok(values)
}

fn scalar(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Float(number) => Some(number.to_string()),
        toml::Value::Datetime(time) => Some(time.to_string()),
        toml::Value::Array(items) => items.iter().map(scalar).collect::<Option<Vec<_>>>().map(|items| items.join(",")),
        toml::Value::Boolean(_) | toml::Value::Table(_) => None,
    }
}

fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(number) if number > 0 => Ok(number),
        _ => Err(format!("'{text}' is not a whole number above 0")),
    }
}

fn positive(text: &str) -> Result<Duration, String> {
    match units::duration(text)? {
        Duration::ZERO => Err("must be longer than 0".into()),
        length => Ok(length),
    }
}

fn origins(text: &str) -> Result<Vec<String>, String> {
    let check = |origin: String| match url::Url::parse(&origin) {
        _ if origin == "*" => Ok(origin),
        Ok(url) if url.has_host() => Ok(url.origin().ascii_serialization()),
        _ => Err(format!("'{origin}' is not an origin, such as https://app.example.com")),
    };
    units::list(text).into_iter().map(check).collect()
}

fn clock(text: &str) -> Result<Clock, String> {
    if text.is_empty() {
        return Ok(Clock::System);
    }
    match DateTime::parse_from_rfc3339(text) {
        Ok(time) => Ok(Clock::Fixed(time.with_timezone(&Utc))),
        Err(_) => Err(format!("'{text}' is not an RFC 3339 time, such as 2026-03-31T12:00:00Z")),
    }
}

/// What the machine, or the container when it is limited, has. 4 GiB where nothing says.
fn machine_memory_bytes() -> u64 {
    let number = |path: &str| std::fs::read_to_string(path).ok()?.trim().parse::<u64>().ok();
    let total = std::fs::read_to_string("/proc/meminfo").ok().and_then(|text| {
        let line = text.lines().find(|line| line.starts_with("MemTotal:"))?;
        line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kib| kib * 1024)
    });
    let limits = [number("/sys/fs/cgroup/memory.max"), number("/sys/fs/cgroup/memory/memory.limit_in_bytes"), total];
    limits.into_iter().flatten().min().unwrap_or(4 << 30)
}

#[cfg(test)]
mod tests;
