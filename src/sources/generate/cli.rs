//! `throughline generate`: arguments and progress bar.

use anyhow::Result;
use chrono::NaiveDate;
use indicatif::{ProgressBar, ProgressStyle};
use object_store::path::Path;

use super::{Generate, Summary, generate};
use crate::clock::Clock;
use crate::lake::Lake;

/// Write a synthetic organisation to landing.
///
/// Every table is written, over the given years: seasons, growth, reorganisations, bots, drafts, reverts, rollbacks,
/// incidents, late updates, deletions. Beside landing, in people/generated, its contributors and teams are written as files
/// to import. The same developers, years, seed and end write the same files.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// People in the organisation at its end.
    #[arg(long, default_value_t = 200, value_name = "N")]
    pub developers: usize,
    /// Years of history.
    #[arg(long, default_value_t = 2, value_name = "Y")]
    pub years: u32,
    /// Decides all that is left to chance.
    #[arg(long, default_value_t = 1, value_name = "S")]
    pub seed: u64,
    /// First day (UTC) that is no longer part of the history. Default: the first day of this month.
    #[arg(long, value_name = "DATE")]
    pub end: Option<NaiveDate>,
}

/// Generates into a lake with a progress bar on stderr, and prints what was written and how people are loaded.
pub async fn run(args: &Args, lake: &Lake, clock: Clock) -> Result<Summary> {
    let today = clock.now().date_naive();
    let end = args.end.unwrap_or_else(|| chrono::Datelike::with_day(&today, 1).unwrap_or(today));
    let options = Generate { developers: args.developers, years: args.years, seed: args.seed, end };
    let bar = ProgressBar::new(u64::from(args.years) * 12);
    bar.set_style(ProgressStyle::with_template("{bar:40} month {pos}/{len}  {msg}  {elapsed} (eta {eta})")?);
    let summary = generate(lake.store(), options, |progress| {
        bar.set_length(progress.months);
        bar.set_position(progress.months_done);
        bar.set_message(format!("{} rows", progress.rows));
    })
    .await?;
    bar.finish_and_clear();
    for (table, written) in &summary.tables {
        println!("{table:<22} {:>11} rows {:>5} files {:>12} bytes", written.rows, written.files, written.bytes);
    }
    let total = summary.total();
    let rate = total.rows as f64 / bar.elapsed().as_secs_f64().max(0.001);
    println!(
        "{:<22} {:>11} rows {:>5} files {:>12} bytes  ({rate:.0} rows/s)",
        "", total.rows, total.files, total.bytes
    );
    let (people, url) = (&summary.people, lake.url());
    println!("{} contributors and {} teams. When the rows have gone in:", people.contributor_count, people.team_count);
    if url.scheme() != "file" {
        println!("(copy both files to this machine first)");
    }
    println!("    throughline contributors import {} --attributes --lake {url}", place(lake, &people.contributors));
    println!("    throughline apply {} --lake {url}", place(lake, &people.teams));
    Ok(summary)
}

/// Where a file of the lake is, as commands take it where it is on this machine.
fn place(lake: &Lake, path: &Path) -> String {
    match lake.url().to_file_path() {
        Ok(folder) if lake.url().scheme() == "file" => folder.join(path.as_ref()).display().to_string(),
        _ => format!("{}/{path}", lake.url().as_str().trim_end_matches('/')),
    }
}
