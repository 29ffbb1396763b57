//! Lakes in memory, made from CSV files in the way that everybody's files come in: landing, then intake.

use std::path::Path;

use throughline::clock::Clock;
use throughline::lake::Lake;
use throughline::{intake, sources};

/// A lake of the sample company.
pub async fn sample(clock: Clock) -> Lake {
    let lake = empty().await;
    sources::sample::write_landing(&*lake.store()).await.expect("the sample is as the tables declare");
    taken_in(lake, clock).await
}

/// A lake of the CSV files in a folder, each named after its table.
pub async fn of_csv(folder: &Path, clock: Clock) -> Lake {
    let lake = empty().await;
    let files: Vec<(String, String)> = std::fs::read_dir(folder)
        .expect("the folder of CSV files")
        .map(|entry| entry.expect("an entry of the folder").path())
        .filter(|path| path.extension().is_some_and(|e| e == "csv"))
        .map(|path| {
            let name = path.file_name().and_then(|name| name.to_str()).expect("a plain name").to_owned();
            (name, std::fs::read_to_string(path).expect("CSV is UTF-8"))
        })
        .collect();
    assert!(!files.is_empty(), "{}: no CSV files", folder.display());
    let texts = files.iter().map(|(name, text)| (name.as_str(), text.as_str()));
    let written = sources::sample::write(&*lake.store(), "case", texts).await;
    written.unwrap_or_else(|error| panic!("{}: {error:#}", folder.display()));
    taken_in(lake, clock).await
}

async fn empty() -> Lake {
    Lake::open("memory://").await.expect("a lake in memory opens")
}

async fn taken_in(lake: Lake, clock: Clock) -> Lake {
    let outcomes = intake::run(&lake, clock, |_| ()).await.expect("intake of landing files");
    for outcome in outcomes {
        assert!(outcome.error.is_none(), "{}: {:?}", outcome.file, outcome.error);
    }
    lake
}
