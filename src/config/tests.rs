//! What the settings promise: order of strength, clear errors, hidden secrets.

use super::*;

fn sources(command_line: &[(&'static str, &str)], environment: &[(&str, &str)], file: Option<&str>) -> Sources {
    Sources {
        command_line: command_line.iter().map(|(k, v)| (*k, v.to_string())).collect(),
        environment: environment.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect(),
        file: file.map(|text| ("site.toml".to_owned(), text.to_owned())),
    }
}

fn refusal(sources: &Sources) -> String {
    format!("{:#}", Config::resolve(sources).expect_err("must be refused"))
}

#[test]
fn the_defaults_resolve_and_are_safe() {
    let config = Config::defaults();
    assert!(config.lake_is_default);
    assert!(config.listen.ip().is_loopback());
    assert!(config.allowed_origins.is_empty());
    assert!(config.memory_limit_bytes > 0);
    config.check_listen().expect("loopback needs no token");
}

#[test]
fn command_line_over_environment_over_file() {
    let file =
        "organization = 'file'\ntimezone = 'Europe/Berlin'\nlake = 'from-file'\nmax_depth = 7\nbots = ['a', 'b']";
    let environment = [("THROUGHLINE_ORGANIZATION", "env"), ("THROUGHLINE_LAKE", "from-env")];
    let config = Config::resolve(&sources(&[("lake", "from-cli")], &environment, Some(file))).unwrap();
    assert_eq!((config.lake.as_str(), config.organization.as_str()), ("from-cli", "env"));
    assert_eq!((config.timezone, config.max_depth), (chrono_tz::Europe::Berlin, 7));
    assert_eq!(config.bots, ["a", "b"]);
    assert!(!config.lake_is_default);
    let origin = |key| config.effective.iter().find(|e| e.key == key).map(|e| e.origin.as_str());
    assert_eq!(origin("lake"), Some("command line"));
    assert_eq!(origin("organization"), Some("THROUGHLINE_ORGANIZATION"));
    assert_eq!(origin("timezone"), Some("site.toml"));
    assert_eq!(origin("listen"), Some("default"));
}

#[test]
fn the_default_lake_is_the_sample_company_s() {
    let name = |said: &Sources| Config::resolve(said).unwrap().organization;
    assert_eq!(name(&Sources::default()), "Marmalade Post");
    assert_eq!(name(&sources(&[("lake", "s3://bucket/lake")], &[], None)), "Organization");
    assert_eq!(name(&sources(&[], &[("THROUGHLINE_ORGANIZATION", "Acme")], None)), "Acme");
    let shown = Config::defaults().effective.into_iter().find(|e| e.key == "organization").unwrap();
    assert_eq!((shown.shown.as_deref(), shown.origin.as_str()), (Some("Marmalade Post"), "default"));
}

#[test]
fn secrets_are_never_shown() {
    let config = Config::resolve(&sources(&[], &[("THROUGHLINE_API_TOKEN", "s3cret")], None)).unwrap();
    assert_eq!(config.api_token.as_ref().map(Secret::reveal), Some("s3cret"));
    assert!(!format!("{config:?}").contains("s3cret"));
}

#[test]
fn mistakes_name_key_and_origin() {
    let unknown = refusal(&sources(&[], &[], Some("organisation = 'x'")));
    assert!(
        unknown.contains("site.toml: unknown setting 'organisation'") && unknown.contains("organization"),
        "{unknown}"
    );
    let zone = refusal(&sources(&[], &[("THROUGHLINE_TIMEZONE", "Mars/Olympus")], None));
    assert!(zone.contains("'timezone' (from THROUGHLINE_TIMEZONE)"), "{zone}");
    for (key, value) in [
        ("listen", "nowhere"),
        ("query_timeout", "0"),
        ("max_depth", "none"),
        ("allowed_origins", "app.example.com"),
        ("memory_limit", "lots"),
        ("now", "yesterday"),
        ("log_format", "xml"),
        ("calendar_weekend", "SATURDAY,Sonntag"),
        ("calendar_holidays", "2026-02-29"),
        ("calendar_metrics", "DEPLOYMENT_FREQUENCY"),
    ] {
        let message = refusal(&sources(&[(key, value)], &[], None));
        assert!(message.contains(&format!("'{key}' (from command line)")), "{message}");
    }
}

#[test]
fn other_machines_need_a_token() {
    let open = Config::resolve(&sources(&[("listen", "0.0.0.0:80")], &[], None)).unwrap();
    let message = format!("{:#}", open.check_listen().expect_err("must be refused"));
    assert!(message.contains("THROUGHLINE_API_TOKEN"), "{message}");
    let closed = Config::resolve(&sources(&[("listen", "0.0.0.0:80"), ("api_token", "t")], &[], None)).unwrap();
    closed.check_listen().expect("a token is set");
}

#[test]
fn a_calendar_is_a_section_of_the_file_or_plain_keys() {
    let file = "[calendar]\nweekend = ['saturday', 'SUNDAY']\nholidays = [2026-12-25, '2027-01-01']";
    let config = Config::resolve(&sources(&[], &[], Some(file))).unwrap();
    let texts = |config: &Config, key| config.effective.iter().find(|e| e.key == key).unwrap().shown.clone().unwrap();
    assert_eq!(config.calendar.weekend.iter().map(|day| day.name()).collect::<Vec<_>>(), ["SATURDAY", "SUNDAY"]);
    assert_eq!(
        config.calendar.holidays.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["2026-12-25", "2027-01-01"]
    );
    assert_eq!(texts(&config, "calendar_holidays"), "2026-12-25,2027-01-01");
    let environment = [("THROUGHLINE_CALENDAR_WEEKEND", "friday")];
    let over = Config::resolve(&sources(&[], &environment, Some(file))).unwrap();
    assert_eq!(over.calendar.weekend.iter().map(|day| day.name()).collect::<Vec<_>>(), ["FRIDAY"]);
    assert_eq!(over.calendar.holidays, config.calendar.holidays);

    for (file, said) in [
        ("[calendar]\nweekends = []", "unknown setting 'calendar.weekends'"),
        ("[calendar]\nweekend = true", "'calendar.weekend' must be"),
        ("[calendar]\nholidays = ['Easter']", "setting 'calendar_holidays' (from site.toml): 'Easter'"),
        ("calendar_weekend = []\n[calendar]\nweekend = []", "'calendar_weekend' is set twice"),
    ] {
        let message = refusal(&sources(&[], &[], Some(file)));
        assert!(message.contains(said), "{message}");
    }
}
