//! `throughline contributors`: files of contributors in and out, directly on the lake, and what imports left.

use std::{
    io::{BufRead, IsTerminal, Read, Write},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use anyhow::{Context, Result};
use chrono::NaiveDate;
use clap::{Args, Subcommand};

use crate::{
    app::App,
    config::Config,
    people::{
        Author, Door, Fault, Seen, csv,
        import::{self, Mode, Options, PersonChange, Preview, version},
    },
};

/// People and changes that are printed of each kind.
const MOST_SHOWN: usize = 20;

#[derive(Subcommand)]
pub enum Command {
    /// Show what a CSV file of contributors would change, and change it when you say yes.
    ///
    /// At least a name and an e-mail address for each. Other columns by their names: employee id, manager's e-mail or id, start and
    /// end date, logins (account:github), and attributes. Exit codes: 0 when it was imported, 1 when it was not.
    Import(ImportArgs),
    /// Write everybody who is registered as CSV, which import takes back.
    Export(OutputArgs),
    /// Write a CSV file to start from.
    Sample(OutputArgs),
    /// Approve an upload that waits.
    Approve(WaitingArgs),
    /// Throw an upload away.
    Discard(WaitingArgs),
    /// List the versions that approved imports left.
    Versions,
    /// Show what changed from a version to another, or to now.
    Diff(DiffArgs),
    /// Put contributors back as a version left them, as a new version.
    Restore(RestoreArgs),
}

#[derive(Args)]
pub struct ImportArgs {
    /// The file; - reads what is piped in.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// MERGE: who is not in the file stays. REPLACE: the file is the whole set.
    #[arg(long, default_value = "MERGE", value_name = "MODE")]
    mode: Mode,
    /// Keep columns that are no fields as attributes.
    #[arg(long)]
    attributes: bool,
    /// The day from which on it counts, where no date of the file says otherwise. Default: today.
    #[arg(long, value_name = "DATE")]
    effective_from: Option<NaiveDate>,
    /// Do not ask.
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    who: Who,
}

#[derive(Args)]
struct Who {
    /// Who makes the change, for the audit. Default: the user of the machine.
    #[arg(long, value_name = "NAME", env = "USER", default_value = "cli")]
    actor: String,
}

#[derive(Args)]
pub struct OutputArgs {
    /// Write to this file instead of the terminal.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Args)]
pub struct WaitingArgs {
    /// As the preview told it.
    #[arg(value_name = "ID")]
    id: String,
    #[command(flatten)]
    who: Who,
}

#[derive(Args)]
pub struct DiffArgs {
    #[arg(value_name = "VERSION")]
    from: i64,
    /// Default: now.
    #[arg(value_name = "VERSION")]
    to: Option<i64>,
}

#[derive(Args)]
pub struct RestoreArgs {
    #[arg(value_name = "VERSION")]
    version: i64,
    #[command(flatten)]
    who: Who,
}

/// Does what was asked.
pub async fn run(command: Command, config: Config) -> Result<ExitCode> {
    match command {
        Command::Sample(args) => put(&csv::sample()?, args.output.as_deref()),
        Command::Export(args) => {
            let app = App::open(config).await?;
            let directory = app.register().directory(&app.lake.refresh().await?).await?;
            put(&csv::export(&directory)?, args.output.as_deref())
        }
        Command::Import(args) => import_file(args, &*App::open(config).await?).await,
        Command::Approve(args) => approve(&*App::open(config).await?, args.who, &args.id).await,
        Command::Discard(args) => {
            let app = App::open(config).await?;
            let was_there = import::discard(app.register().people(), &args.id).await?;
            println!("{}", if was_there { "discarded" } else { "there is no such upload" });
            Ok(if was_there { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        Command::Versions => {
            let app = App::open(config).await?;
            let records = app.register().people().records(&*app.lake.refresh().await?).await?;
            for version::Approved { number, version } in version::list(&records) {
                let (added, changed, removed) = (version.added, version.changed, version.removed);
                let (mode, origin, at) = (&version.mode, &version.origin, version.at.format("%Y-%m-%d %H:%M"));
                println!("{number:>6}  {at} UTC  {mode:<8} +{added} ~{changed} -{removed}  {origin}");
            }
            Ok(ExitCode::SUCCESS)
        }
        Command::Diff(args) => {
            let app = App::open(config).await?;
            match version::difference(app.register().people(), args.from, args.to).await? {
                Err(faults) => Ok(told(&faults)),
                Ok(found) => {
                    people("+", &found.added, found.counts.added);
                    people("~", &found.changed, found.counts.changed);
                    people("-", &found.removed, found.counts.removed);
                    Ok(ExitCode::SUCCESS)
                }
            }
        }
        Command::Restore(args) => {
            let app = App::open(config).await?;
            let (author, seen) = (args.who.author(), seen(&app).await?);
            match version::restore(app.register().people(), &seen, &author, args.version).await? {
                Err(faults) => Ok(told(&faults)),
                Ok(made) => {
                    println!(
                        "contributors are as of version {}; that is version {}",
                        args.version, made.outcome.number
                    );
                    Ok(ExitCode::SUCCESS)
                }
            }
        }
    }
}

impl Who {
    fn author(self) -> Author {
        Author { actor: self.actor, door: Door::Cli }
    }
}

async fn seen(app: &App) -> Result<Arc<Seen>> {
    app.register().seen(&app.lake.refresh().await?).await
}

async fn import_file(args: ImportArgs, app: &App) -> Result<ExitCode> {
    let piped = args.file.as_os_str() == "-";
    let bytes = if piped {
        let mut bytes = Vec::new();
        std::io::stdin().take(csv::MOST_BYTES as u64 + 1).read_to_end(&mut bytes)?;
        bytes
    } else {
        std::fs::read(&args.file).with_context(|| format!("cannot read {}", args.file.display()))?
    };
    let filename =
        args.file.file_name().map_or_else(|| "upload.csv".to_owned(), |name| name.to_string_lossy().into_owned());
    let ImportArgs { mode, attributes, effective_from, yes, who, .. } = args;
    let options = Options { attributes, effective_from };
    let author = Author { actor: who.actor.clone(), door: Door::Cli };
    let people = app.register().people();
    let preview = import::preview(people, &seen(app).await?, &author, bytes, &filename, mode, options).await?;
    show(&preview);
    let Some(id) = &preview.id else { return Ok(ExitCode::FAILURE) };
    if yes || (!piped && std::io::stdin().is_terminal() && asked("Import it?")?) {
        return approve(app, who, id).await;
    }
    println!("Nothing is changed. To import it after all, within 7 days: throughline contributors approve {id}");
    Ok(ExitCode::FAILURE)
}

async fn approve(app: &App, who: Who, id: &str) -> Result<ExitCode> {
    match import::approve(app.register().people(), &seen(app).await?, &who.author(), id).await? {
        Err(faults) => Ok(told(&faults)),
        Ok(made) => {
            println!("imported; it is version {}", made.outcome.number);
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn show(preview: &Preview) {
    let (mode, counts) = (preview.mode.word(), preview.counts);
    println!("{} ({mode}, from {} on): {} rows", preview.filename, preview.effective_from, preview.rows);
    for column in preview.columns.iter().filter(|column| column.field.as_deref() != Some(column.name.as_str())) {
        println!("  column {} is {}", column.name, column.field.as_deref().unwrap_or("left out"));
    }
    for notice in &preview.notices {
        println!("  note: {notice}");
    }
    for error in &preview.errors {
        println!("{} x {}", error.code.word(), error.count);
        for sample in &error.samples {
            let row = sample.row.map(|row| format!("row {row}: ")).unwrap_or_default();
            let cell = match (&sample.column, &sample.value) {
                (Some(column), Some(value)) => format!("{column} {value:?}: "),
                _ => String::new(),
            };
            println!("  {row}{cell}{}", sample.message);
        }
    }
    if !preview.errors.is_empty() {
        println!("Nothing can be imported before this is mended.");
        return;
    }
    println!(
        "  {:>6} added\n  {:>6} changed\n  {:>6} removed\n  {:>6} unchanged",
        counts.added, counts.changed, counts.removed, counts.unchanged
    );
    people("+", &preview.added, counts.added);
    people("~", &preview.changed, counts.changed);
    people("-", &preview.removed, counts.removed);
    for team in preview.teams.iter().take(MOST_SHOWN) {
        let sign = if team.added {
            "+"
        } else if team.removed {
            "-"
        } else {
            "~"
        };
        let before = team.path_before.as_ref().map(|path| format!(" (was {path})")).unwrap_or_default();
        println!("{sign} team {}{before}: {} join, {} leave", team.path, team.joining, team.leaving);
    }
    rest(counts.teams, "teams");
}

fn people(sign: &str, people: &[PersonChange], count: u32) {
    for person in people.iter().take(MOST_SHOWN) {
        let email = person.email.as_deref().unwrap_or("no e-mail address");
        println!("{sign} {} <{email}>{}", person.name, if person.left { ", has left: past work stays" } else { "" });
        for field in &person.fields {
            let shown =
                |value: &Option<String>| value.as_ref().map_or("nothing".to_owned(), |value| format!("{value:?}"));
            println!("    {}: {} -> {}", field.field, shown(&field.before), shown(&field.after));
        }
    }
    rest(count, "people");
}

fn rest(count: u32, what: &str) {
    let more = (count as usize).saturating_sub(MOST_SHOWN);
    if more > 0 {
        println!("  ... and {more} more {what}");
    }
}

fn told(faults: &[Fault]) -> ExitCode {
    for fault in faults {
        eprintln!("error: {fault}");
    }
    ExitCode::FAILURE
}

fn asked(question: &str) -> Result<bool> {
    print!("{question} [y/N] ");
    std::io::stdout().flush()?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

fn put(bytes: &[u8], file: Option<&Path>) -> Result<ExitCode> {
    match file {
        Some(file) => std::fs::write(file, bytes).with_context(|| format!("cannot write {}", file.display()))?,
        None => std::io::stdout().write_all(bytes)?,
    }
    Ok(ExitCode::SUCCESS)
}
