//! Rows as CSV, read by a reader that is not ours: the rows of GraphQL, in their order, and nothing that a spreadsheet would run.

use csv::{Reader, StringRecord};
use serde_json::{Value, json};
use throughline::clock::Clock;
use throughline::config::Secret;
use throughline::model;

use super::asked::{self, FROM, TO, list, metric, text};
use crate::company;
use crate::server::Server;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_has_the_rows_of_its_number() {
    let server = asked::server().await;
    let scopes = asked::scopes(&server).await;
    let of = |kind: &str| scopes.iter().rfind(|(name, _)| name.starts_with(kind)).unwrap().1.clone();
    for definition in model::metrics() {
        for id in [of("organization"), of("teams")] {
            let rows = "totalCount nodes { id value }";
            let selection = format!(
                "recordsCsv(orderBy: {{ field: \"id\", direction: ASC }})
                 records(first: 1000, orderBy: {{ field: \"id\", direction: ASC }}) {{ {rows} }}
                 leftOut: recordsCsv(excluded: NOT_COUNTED)
                 excluded(first: 1000, reason: NOT_COUNTED) {{ {rows} }}
                 breakdown(by: {}, first: 2) {{ recordsCsv records(first: 1000) {{ {rows} }}
                    series(granularity: QUARTER) {{ recordsCsv records(first: 1000) {{ {rows} }} }} }}",
                first_dimension(&definition.fact)
            );
            let number = metric(&server, &id, &definition.name, &selection).await;
            same(&server, &number["recordsCsv"], &number["records"]).await;
            same(&server, &number["leftOut"], &number["excluded"]).await;
            for slice in list(&number["breakdown"]) {
                same(&server, &slice["recordsCsv"], &slice["records"]).await;
                let point = &slice["series"][1];
                same(&server, &point["recordsCsv"], &point["records"]).await;
            }
        }
    }
}

fn first_dimension(fact: &str) -> &'static str {
    model::fact(fact).unwrap().dimensions.first().map_or("TEAM", |(dimension, _)| dimension.name())
}

/// The file at a path holds the rows of a page that holds all of them.
async fn same(server: &Server, path: &Value, page: &Value) {
    let path = text(path);
    let (header, lines) = read(server, &path).await;
    let nodes = list(&page["nodes"]);
    assert_eq!(page["totalCount"], nodes.len(), "{path}");
    let column = |name: &str| header.iter().position(|column| column == name).unwrap_or_else(|| panic!("no {name}"));
    let (id, value) = (column("id"), column("value"));
    let told: Vec<(String, Option<f64>)> =
        lines.iter().map(|line| (line[id].to_owned(), line[value].parse().ok())).collect();
    let plain = |id: String| if id.starts_with(['=', '+', '-', '@']) { format!("'{id}") } else { id };
    let expected: Vec<_> = nodes.iter().map(|node| (plain(text(&node["id"])), node["value"].as_f64())).collect();
    assert_eq!(told, expected, "{path}");
}

/// Header and lines of a file.
async fn read(server: &Server, path: &str) -> (StringRecord, Vec<StringRecord>) {
    let response = server.client.get(format!("{}{path}", server.url)).send().await.unwrap();
    assert_eq!(response.status(), 200, "{path}");
    assert_eq!(response.headers()["content-type"], "text/csv; charset=utf-8");
    let body = response.text().await.unwrap();
    assert!(body.ends_with("\r\n"), "{path}: every line is ended");
    let mut reader = Reader::from_reader(body.as_bytes());
    let header = reader.headers().unwrap().clone();
    (header, reader.records().map(|line| line.unwrap()).collect())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_is_judged_as_its_number_is() {
    let server = asked::server().await;
    // Releases are no deployments of the sample, so nothing counts; under what holds, 144 do.
    let query = format!(
        "{{ organization {{
            metric(name: DEPLOYMENT_FREQUENCY, period: {{ between: {{ from: \"{FROM}\", to: \"{TO}\" }} }},
                   parameters: [{{ name: \"deployment_kinds\", texts: [\"RELEASE\"] }}]) {{
                numerator recordsCsv records {{ totalCount nodes {{ id value }} }}
            }}
            held: metric(name: DEPLOYMENT_FREQUENCY, period: {{ between: {{ from: \"{FROM}\", to: \"{TO}\" }} }},
                         profile: \"EFFICIENCY\") {{
                numerator recordsCsv records(first: 1000) {{ totalCount nodes {{ id value }} }}
            }}
        }} }}"
    );
    let answer = server.graphql(&query, json!({})).await;
    let organization = &answer["data"]["organization"];
    let (other, held) = (&organization["metric"], &organization["held"]);
    assert!(text(&other["recordsCsv"]).contains("&parameter=deployment_kinds%3A%5B%22RELEASE%22%5D"), "{answer}");
    assert!(!text(&held["recordsCsv"]).contains("profile"), "what holds anyway is not said: {answer}");
    assert_eq!((&other["numerator"], &held["numerator"]), (&json!(0.0), &json!(144.0)), "{answer}");
    same(&server, &other["recordsCsv"], &other["records"]).await;
    same(&server, &held["recordsCsv"], &held["records"]).await;
}

#[tokio::test]
async fn formulas_commas_and_letters_go_through() {
    let folder = tempfile::tempdir().unwrap();
    let rows = "source,id,updated_at,repository,number,title,author,state,created_at,first_commit_at,merged_at,labels\n\
        forge,p1,2026-03-02T10:00:00Z,web,1,\"=HYPERLINK(\"\"http://evil.example\"\",\"\"x\"\")\",ann,MERGED,2026-03-02T08:00:00Z,2026-03-02T07:00:00Z,2026-03-02T10:00:00Z,-1;b\n\
        forge,p2,2026-03-03T10:00:00Z,web,2,\"Grüße, \"\"Jürgen\"\"\nund so\",ann,MERGED,2026-03-03T08:00:00Z,2026-03-03T07:00:00Z,2026-03-03T10:00:00Z,\n";
    std::fs::write(folder.path().join("pull_requests.csv"), rows).unwrap();
    let clock = Clock::Fixed("2026-07-10T00:00:00Z".parse().unwrap());
    let server = Server::start_with(company::of_csv(folder.path(), clock).await, |config| config.clock = clock).await;
    let path = "/records.csv?metric=PULL_REQUEST_CYCLE_TIME&from=2026-03-01&to=2026-04-01&orderBy=id&direction=ASC";
    let (header, lines) = read(&server, path).await;
    let cell = |line: usize, name: &str| &lines[line][header.iter().position(|column| column == name).unwrap()];
    assert_eq!(cell(0, "title"), "'=HYPERLINK(\"http://evil.example\",\"x\")");
    assert_eq!(cell(1, "title"), "Grüße, \"Jürgen\"\nund so");
    assert_eq!((cell(0, "labels"), cell(0, "value"), cell(1, "login")), ("'-1, b", "10800", "ann"));
    assert_eq!(cell(0, "at"), "2026-03-02T10:00:00Z");
    assert_eq!(lines.len(), 2);
}

#[tokio::test]
async fn wrong_addresses_and_strangers_are_refused() {
    let clock = Clock::Fixed("2026-07-10T00:00:00Z".parse().unwrap());
    let server = Server::start_with(company::sample(clock).await, |config| config.clock = clock).await;
    let period = "from=2026-01-05&to=2026-07-06";
    for wrong in [
        "".to_owned(),
        format!("metric=NO_SUCH&{period}"),
        format!("metric=DEPLOYMENT_FREQUENCY&{period}&team=nobody"),
        format!("metric=DEPLOYMENT_FREQUENCY&{period}&orderBy=colour"),
        format!("metric=DEPLOYMENT_FREQUENCY&{period}&by=CONTRIBUTOR&key=ann"),
        format!("metric=DEPLOYMENT_FREQUENCY&{period}&timezone=Mars"),
        format!("metric=DEPLOYMENT_FREQUENCY&{period}&profile=none"),
        format!("metric=DEPLOYMENT_FREQUENCY&{period}&parameter=colour:1"),
        "metric=DEPLOYMENT_FREQUENCY&from=2026-02-01&to=2026-01-01".to_owned(),
    ] {
        let response = server.client.get(format!("{}/records.csv?{wrong}", server.url)).send().await.unwrap();
        assert_eq!(response.status(), 400, "{wrong}");
        let body: Value = response.json().await.unwrap();
        assert_eq!(body["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{wrong}: {body}");
    }
    // What has no meaning has no rows; the file says which columns there would be.
    let (header, lines) =
        read(&server, &format!("/records.csv?metric=DEPLOYMENT_FREQUENCY&{period}&contributor=ann")).await;
    assert!(header.iter().any(|column| column == "service") && lines.is_empty());

    let closed = Server::start_with(company::sample(clock).await, |config| {
        config.api_token = Some(Secret::new("a-token-of-the-test"));
    });
    let closed = closed.await;
    let path = format!("{}/records.csv?metric=DEPLOYMENT_FREQUENCY&{period}", closed.url);
    assert_eq!(closed.client.get(&path).send().await.unwrap().status(), 401);
    let let_in = closed.client.get(&path).bearer_auth("a-token-of-the-test").send().await.unwrap();
    assert_eq!(let_in.status(), 200, "{}", json!(let_in.text().await.unwrap()));
}
