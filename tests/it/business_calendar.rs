//! The business calendar as a setting: what depends on it is not served from a cache of before. The numbers are golden
//! cases, under `tests/cases/graphql/calendar/`.

use throughline::clock::Clock;
use throughline::config::Config;
use throughline::model::business_calendar;

use crate::company;
use crate::server::Server;

#[tokio::test]
async fn answers_by_another_calendar_are_other_answers_to_a_cache() {
    let lake = company::sample(Clock::System).await;
    let fixed = Clock::Fixed("2026-07-10T00:00:00Z".parse().unwrap());
    let mut seen = Vec::new();
    for weekend in [&[][..], &[], &["SATURDAY"], &["SATURDAY", "SUNDAY"]] {
        let weekend: Vec<String> = weekend.iter().map(|day| (*day).to_owned()).collect();
        let change = |config: &mut Config| {
            config.clock = fixed;
            config.calendar.weekend = business_calendar::weekend(&weekend).unwrap();
        };
        let server = Server::start_with(lake.clone(), change).await;
        let query = r#"{ organization { metric(name: LEAD_TIME_FOR_CHANGES,
            period: { between: { from: "2026-01-05", to: "2026-07-05" } }) { value(statistic: MEAN) } } }"#;
        let url = url::Url::parse_with_params(&format!("{}/graphql", server.url), [("query", query)]).unwrap();
        let response = server.client.get(url).send().await.unwrap();
        let tag = response.headers()["etag"].to_str().unwrap().to_owned();
        seen.push((tag, response.text().await.unwrap()));
    }
    assert_eq!(seen[0], seen[1], "the same settings, the same answer");
    for (one, other) in [(0, 2), (0, 3), (2, 3)] {
        assert!(seen[one].0 != seen[other].0 && seen[one].1 != seen[other].1, "{seen:?}");
    }
}
