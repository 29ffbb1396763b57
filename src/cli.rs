//! The command line: which commands there are, and what each prints. What they do, the rooms do.

mod contributors;

use std::{
    collections::BTreeMap,
    io::IsTerminal,
    path::PathBuf,
    process::ExitCode,
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
};

use anyhow::{Context, Result, anyhow};
use chrono::{DateTime, NaiveDate, Utc};
use clap::{Arg, ArgMatches, Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tracing_subscriber::{EnvFilter, filter::LevelFilter};

use crate::{
    api,
    app::{App, open_lake},
    config::{Config, Effective, LogFormat, Sources, setting::SETTINGS},
    generated, intake, model,
    people::{
        Author, Directory, Door, Draft, audit,
        document::Kind,
        document_file::{self, Format},
    },
    query::trial,
    sources,
};

/// Entries of the audit that are read at once.
const AUDIT_PAGE: usize = 1_000;

/// Delivery metrics from Parquet files in your own storage, over GraphQL.
#[derive(Parser)]
#[command(name = "throughline", version, subcommand_required = false)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API (the default).
    Serve,
    /// Take in everything that was dropped into landing/, once, and say what became of each file.
    ///
    /// Prints a line for each file as soon as it is done, with every reason where it was refused. Exit codes: 0 when all files were applied or there
    /// was none, 1 when one was refused or the lake could not be read or written. Either way all good files are applied.
    /// A refused file is told of once; drop it again when it is mended.
    Intake,
    /// Check Parquet files against the contract before dropping them, and definitions of metrics (TOML); prints every reason.
    Check(CheckArgs),
    /// Join small files of the tables.
    Compact,
    /// Remove files that no version of a table needs any more.
    Vacuum,
    /// Bring in data from elsewhere.
    #[command(subcommand)]
    Import(Import),
    /// Write a synthetic organisation to landing/, and its people and teams as files to import.
    Generate(sources::generate::Args),
    /// Contributors as CSV: import, export, versions.
    #[command(subcommand)]
    Contributors(contributors::Command),
    /// Make org trees, teams, members, settings and identity rules as a document says, all or nothing.
    ///
    /// The document is TOML, or JSON where its name ends in .json; what it leaves out stays as it is. Prints every difference.
    /// Exit codes: 0 when it was applied (or would be), 1 when something is wrong; then nothing is changed.
    Apply(ApplyArgs),
    /// Print who changed what of people and settings, newest first, as CSV.
    Audit(AuditArgs),
    /// Print a generated file (schema.graphql, views.sql, glossary.md), or write them all.
    Schema(SchemaArgs),
    /// Print the effective settings and where each comes from.
    Config,
}

#[derive(Args)]
struct CheckArgs {
    /// The files.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The table they are for. Default: the nearest folder that has a table's name.
    #[arg(long, value_name = "NAME")]
    table: Option<String>,
}

#[derive(Args)]
struct ApplyArgs {
    /// The document.
    file: PathBuf,
    /// Only say what would change.
    #[arg(long)]
    dry_run: bool,
    /// The day from which on it holds. Default: today.
    #[arg(long, value_name = "DATE")]
    on: Option<NaiveDate>,
    /// Who makes the change, for the audit. Default: the user of the machine.
    #[arg(long, value_name = "NAME", env = "USER", default_value = "cli")]
    actor: String,
}

#[derive(Args)]
struct AuditArgs {
    /// Only changes by this actor.
    #[arg(long, value_name = "NAME")]
    actor: Option<String>,
    /// Only this action, such as CREATE_TEAM.
    #[arg(long, value_name = "ACTION")]
    action: Option<String>,
    /// Only documents of this kind, such as TEAM.
    #[arg(long, value_name = "KIND", value_parser = kind)]
    kind: Option<Kind>,
    /// Only the document of this key.
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
    /// Changes at this time (RFC 3339) or later.
    #[arg(long, value_name = "TIME")]
    from: Option<DateTime<Utc>>,
    /// Changes before this time.
    #[arg(long, value_name = "TIME")]
    to: Option<DateTime<Utc>>,
}

fn kind(text: &str) -> Result<Kind, String> {
    let known = Kind::ALL.into_iter().find(|kind| kind.name().eq_ignore_ascii_case(text));
    known.ok_or_else(|| format!("the kinds are {}", Kind::ALL.map(Kind::name).join(", ")))
}

#[derive(Args)]
struct SchemaArgs {
    /// The file to print.
    #[arg(default_value = "schema.graphql", value_name = "NAME")]
    name: String,
    /// With the metrics that the lake declares itself, beside the built-in ones.
    #[arg(long)]
    of_lake: bool,
    /// Write every file into this folder instead.
    #[arg(long, value_name = "FOLDER")]
    write: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Import {
    /// Read local git clones: commits, merges and tags.
    Git(sources::git::Args),
}

/// Reads the command line and does what it says.
///
/// # Errors
/// What the user can mend, or what failed; `main` prints it.
pub fn run() -> Result<ExitCode> {
    choose_tls()?;
    let matches = command().get_matches();
    let cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    let file = matches.get_one::<PathBuf>("config_file");
    let config = Config::resolve(&Sources::from_process(given(&matches), file.map(PathBuf::as_path))?)?;
    start_log(&config)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().context("cannot start threads")?;
    let code = runtime.block_on(async {
        match cli.command.unwrap_or(Command::Serve) {
            Command::Serve => serve(config).await,
            Command::Intake => take_in(config).await,
            Command::Check(args) => check(args).await,
            Command::Compact => compact(config).await,
            Command::Vacuum => vacuum(config).await,
            Command::Import(Import::Git(args)) => import_git(args, config).await,
            Command::Generate(args) => generate(args, config).await,
            Command::Contributors(command) => contributors::run(command, config).await,
            Command::Apply(args) => apply(args, config).await,
            Command::Audit(args) => print_audit(args, config).await,
            Command::Schema(args) => schema(&args, config).await,
            Command::Config => Ok(show(&config)),
        }
    });
    runtime.shutdown_background();
    code
}

/// Several parts bring TLS implementations of their own along, and rustls stops the process rather than choose among them. So it
/// is chosen here: the one that signs requests to object stores too.
fn choose_tls() -> Result<()> {
    let chosen = rustls::crypto::ring::default_provider().install_default();
    chosen.map_err(|_| anyhow!("another TLS implementation was chosen before"))
}

/// The commands with a flag for each setting.
fn command() -> clap::Command {
    let file = Arg::new("config_file")
        .long("config")
        .value_name("FILE")
        .value_parser(clap::value_parser!(PathBuf))
        .global(true)
        .help_heading("Settings")
        .help("Settings file (TOML, keys as below with _ for -) [env: THROUGHLINE_CONFIG] [default: throughline.toml, if there]");
    let flags = SETTINGS.iter().map(|setting| {
        let default =
            if setting.default.is_empty() { String::new() } else { format!(" [default: {}]", setting.default) };
        Arg::new(setting.key)
            // clap wants names that live as long as the process; this runs once.
            .long(&*setting.flag().leak())
            .value_name(setting.value_name)
            .global(true)
            .help_heading("Settings")
            .help(format!("{} [env: {}]{default}", setting.help, setting.variable()))
    });
    Cli::command()
        .after_help("Settings are taken from the command line, then the environment, then the file, then the defaults.")
        .arg(file)
        .args(flags)
}

fn given(matches: &ArgMatches) -> BTreeMap<&'static str, String> {
    let value = |key| matches.get_one::<String>(key).cloned().map(|value| (key, value));
    SETTINGS.iter().filter_map(|setting| value(setting.key)).collect()
}

fn start_log(config: &Config) -> Result<()> {
    let level = &config.log_level;
    // A plain level is ours: at "info" some libraries tell every step.
    let directives = match level.parse::<LevelFilter>() {
        Ok(plain) if plain > LevelFilter::WARN => format!("warn,throughline={plain}"),
        _ => level.clone(),
    };
    let filter = EnvFilter::try_new(directives).map_err(|error| anyhow!("setting 'log_level': '{level}': {error}"))?;
    let colours = std::io::stderr().is_terminal();
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(colours);
    let started = match config.log_format {
        LogFormat::Text => log.try_init(),
        LogFormat::Json => log.json().try_init(),
    };
    started.map_err(|error| anyhow!("cannot start logging: {error}"))
}

async fn serve(config: Config) -> Result<ExitCode> {
    config.check_listen()?;
    // Taken first: a port that is in use should be said before a lake is made.
    let listener =
        TcpListener::bind(config.listen).await.with_context(|| format!("cannot listen on {}", config.listen))?;
    let app = App::open(config).await?;
    announce(&app, &format!("http://{}", listener.local_addr()?));
    let shutdown = CancellationToken::new();
    tokio::spawn({
        let shutdown = shutdown.clone();
        async move {
            if let Err(failure) = asked_to_stop().await {
                tracing::error!("signals cannot be received: {failure:#}");
                return;
            }
            tracing::info!("stopping");
            shutdown.cancel();
            // Who asks twice does not want to wait.
            if asked_to_stop().await.is_ok() {
                std::process::exit(130);
            }
        }
    });
    app.serve(listener, shutdown).await?;
    Ok(ExitCode::SUCCESS)
}

fn announce(app: &App, base: &str) {
    println!("Throughline {} serves {}", env!("CARGO_PKG_VERSION"), app.lake.url());
    println!("  GraphiQL  {base}/graphiql");
    println!("  GraphQL   {base}/graphql");
    println!("  Schema    {base}/schema.graphql");
    println!("  Health    {base}/healthz {base}/readyz {base}/metrics");
    let token =
        if app.config.api_token.is_some() { " -H \"Authorization: Bearer $THROUGHLINE_API_TOKEN\"" } else { "" };
    let query: Vec<_> = api::EXAMPLE.lines().map(str::trim).filter(|line| !line.starts_with('#')).collect();
    let body = serde_json::json!({ "query": query.join(" ").trim() });
    println!("Try:\n  curl {base}/graphql{token} -H 'Content-Type: application/json' -d '{body}'");
}

#[cfg(unix)]
async fn asked_to_stop() -> Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    Ok(())
}

#[cfg(not(unix))]
async fn asked_to_stop() -> Result<()> {
    Ok(tokio::signal::ctrl_c().await?)
}

async fn take_in(config: Config) -> Result<ExitCode> {
    let app = App::open(config).await?;
    // On stderr, and nowhere when that is no terminal.
    let bar = ProgressBar::new(0);
    bar.set_style(ProgressStyle::with_template("{bar:40} {bytes}/{total_bytes}  {msg}  {elapsed} (eta {eta})")?);
    let (files, refused) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let outcome = app.intake_telling(|progress| {
        bar.set_length(progress.bytes);
        bar.set_position(progress.bytes_done);
        bar.set_message(format!("{}/{} files", progress.files_done, progress.files));
        // Said at once: it stays true when the run fails, or is stopped.
        bar.suspend(|| progress.news.iter().for_each(|outcome| println!("{outcome}")));
        files.fetch_add(progress.news.len(), Relaxed);
        refused.fetch_add(progress.news.iter().filter(|outcome| outcome.is_refused()).count(), Relaxed);
    });
    let outcome = outcome.await;
    bar.finish_and_clear();
    let refused = refused.into_inner();
    println!("{} files, {refused} refused", files.into_inner());
    outcome?;
    Ok(if refused == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn check(args: CheckArgs) -> Result<ExitCode> {
    let table = match &args.table {
        Some(name) => Some(model::table(name).with_context(|| format!("there is no table '{name}'"))?),
        None => None,
    };
    let (definitions, data): (Vec<_>, Vec<_>) =
        args.files.iter().cloned().partition(|file| file.extension().is_some_and(|e| e == "toml"));
    let mut good = intake::check::report(&data, table, |line| println!("{line}")).await;
    for file in definitions {
        let shown = file.display();
        match trial::read_local(&file).await {
            Ok(metric) => println!("{shown}: good, {} over the fact {}", metric.name, metric.fact),
            Err(fault) => {
                println!("{shown}: refused\n  fault: {fault}");
                good = false;
            }
        }
    }
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn compact(config: Config) -> Result<ExitCode> {
    let app = App::open(config).await?;
    for table in model::tables() {
        let done = crate::lake::compact::compact(&app.lake, table).await?;
        if done.version.is_some() {
            println!("{}: {} files joined into {}", table.name, done.files_before, done.files_after);
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn vacuum(config: Config) -> Result<ExitCode> {
    let retention = chrono::TimeDelta::from_std(config.vacuum_retention)?;
    let app = App::open(config).await?;
    for table in model::tables() {
        let done = crate::lake::compact::vacuum(&app.lake, table, retention).await?;
        if done.files + done.log_files > 0 {
            println!("{}: {} data files and {} log files removed", table.name, done.files, done.log_files);
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn import_git(args: sources::git::Args, config: Config) -> Result<ExitCode> {
    let lake = open_lake(&config).await?;
    sources::git::run(&args, lake.store(), config.clock).await?;
    Ok(ExitCode::SUCCESS)
}

async fn generate(args: sources::generate::Args, config: Config) -> Result<ExitCode> {
    let lake = open_lake(&config).await?;
    sources::generate::run(&args, &lake, config.clock).await?;
    Ok(ExitCode::SUCCESS)
}

async fn apply(args: ApplyArgs, config: Config) -> Result<ExitCode> {
    let shown = args.file.display().to_string();
    let text = std::fs::read_to_string(&args.file).with_context(|| format!("cannot read {shown}"))?;
    let format = Format::of_name(&shown);
    let app = App::open(config).await?;
    let work = |draft: &mut Draft, directory: &Directory| {
        document_file::import(draft, directory, &text, format, args.on.unwrap_or(directory.today))
    };
    let applied = if args.dry_run {
        let directory = app.register().directory(&app.lake.refresh().await?).await?;
        let catalogue = app.definitions().served().catalogue.clone();
        work(&mut Draft::new(directory.records.clone()).about(catalogue), &directory)
    } else {
        let author = Author { actor: args.actor, door: Door::Cli };
        let made = app.register().change(&author, "APPLY_DOCUMENT", &format!("applied {shown}"), work).await?;
        made.map(|changed| changed.outcome)
    };
    match applied {
        Ok(differences) => {
            for difference in &differences {
                let sign = match (&difference.before, &difference.after) {
                    (None, _) => '+',
                    (_, None) => '-',
                    _ => '~',
                };
                println!("{sign} {} {}", difference.kind.name(), difference.path);
            }
            let done = if args.dry_run { "would change" } else { "changed" };
            println!("{} documents {done}", differences.len());
            Ok(ExitCode::SUCCESS)
        }
        Err(faults) => {
            for fault in &faults {
                let place = fault.field.as_ref().map(|field| format!("{field}: ")).unwrap_or_default();
                println!("{shown}: {place}{fault}");
            }
            println!("{} faults; nothing is changed", faults.len());
            Ok(ExitCode::FAILURE)
        }
    }
}

async fn print_audit(args: AuditArgs, config: Config) -> Result<ExitCode> {
    let app = App::open(config).await?;
    let snapshot = app.lake.snapshot().await?;
    let AuditArgs { actor, action, kind, key, from, to } = args;
    let filter = audit::Filter { actor, action, kind, key, from, to };
    let (mut after, mut header) = (None::<audit::Place>, true);
    loop {
        let page = audit::page(&app.lake, &snapshot, &filter, after.as_ref(), AUDIT_PAGE).await?;
        print!("{}", audit::csv(&page, header)?);
        header = false;
        after = page.entries.last().map(|(entry, _)| audit::Place::of(entry));
        if !page.more {
            return Ok(ExitCode::SUCCESS);
        }
    }
}

async fn schema(args: &SchemaArgs, config: Config) -> Result<ExitCode> {
    let files = if args.of_lake {
        let (lake, zone) = (open_lake(&config).await?, config.timezone);
        let app = App::over(config, lake)?;
        let catalogue = app.definitions().reload().await?.catalogue;
        generated::files_of(&catalogue, app.engine().built_in(), zone)?
    } else {
        generated::files()?
    };
    if let Some(folder) = &args.write {
        std::fs::create_dir_all(folder)?;
        for (name, text) in files {
            let path = folder.join(name);
            std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let (_, text) = files
        .into_iter()
        .find(|(name, _)| *name == args.name)
        .with_context(|| format!("there is no generated file '{}'", args.name))?;
    print!("{text}");
    Ok(ExitCode::SUCCESS)
}

/// In the form of a settings file.
fn show(config: &Config) -> ExitCode {
    let width = config.effective.iter().map(|setting| setting.key.len()).max().unwrap_or_default();
    for Effective { key, shown, origin } in &config.effective {
        match shown {
            Some(text) => println!("{key:width$} = {text:?}  # {origin}"),
            None => println!("# {key} is set and hidden ({origin})"),
        }
    }
    ExitCode::SUCCESS
}
