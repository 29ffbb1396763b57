//! `throughline import git`: arguments and progress bar.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use indicatif::{ProgressBar, ProgressStyle};
use object_store::ObjectStore;

use super::{Import, Imported, import, name};
use crate::clock::Clock;

/// Read local git clones into landing files.
///
/// Writes repositories, accounts, commits and commit_files. A second run reads only what is new. Needs the `git`
/// executable.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// Local clones, bare or not.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Name of the source that the rows carry.
    #[arg(long, default_value = "git", value_name = "NAME")]
    pub source: String,
    /// Name of the repository, with one PATH. Default: owner and name from the origin's address, else the folder's name.
    #[arg(long, value_name = "NAME")]
    pub repository: Option<String>,
    /// Service that the repositories deliver.
    #[arg(long, value_name = "NAME")]
    pub service: Option<String>,
    /// Project that the repositories belong to.
    #[arg(long, value_name = "NAME")]
    pub project: Option<String>,
    /// The default branch. Default: as the origin or the clone says.
    #[arg(long, value_name = "NAME")]
    pub branch: Option<String>,
    /// Import what reached the default branch as changes (merged pull requests).
    ///
    /// These are the merge commits on its first-parent line, with the commits they brought, and squashed commits, whose
    /// subject ends with "(#12)"; their own commits are known where the clone has refs/pull/12/head. A change counts as opened when the last of its commits was written.
    #[arg(long)]
    pub merges: bool,
    /// Import tags as releases: successful production deployments. With a glob (--tags='v*') only those that match.
    #[arg(long, value_name = "GLOB", num_args = 0..=1, require_equals = true, default_missing_value = "*")]
    pub tags: Option<String>,
    /// Read everything again, whatever was read before.
    #[arg(long)]
    pub full: bool,
}

/// Imports into a lake's store with a progress bar on stderr, and prints what was written.
pub async fn run(args: &Args, store: Arc<dyn ObjectStore>, clock: Clock) -> Result<Vec<Imported>> {
    ensure!(args.repository.is_none() || args.paths.len() == 1, "--repository names one repository: give one PATH");
    let options = Import {
        source: args.source.clone(),
        repository: args.repository.clone(),
        service: args.service.clone(),
        project: args.project.clone(),
        branch: args.branch.clone(),
        merges: args.merges,
        tags: args.tags.clone(),
        full: args.full,
    };
    let mut names = BTreeSet::new();
    for path in &args.paths {
        let name = name(path, &options).await?;
        ensure!(!names.contains(&name), "two clones are called {name:?}: import them one by one with --repository");
        names.insert(name);
    }
    let style = ProgressStyle::with_template("{msg} {bar:40} {pos}/{len} commits  {per_sec}  (eta {eta})")?;
    let mut all: Vec<Imported> = Vec::new();
    for path in &args.paths {
        let bar = ProgressBar::new(0).with_style(style.clone()).with_message(path.display().to_string());
        let imported = import(Arc::clone(&store), path, &options, clock, |progress| {
            bar.set_length(progress.all);
            bar.set_position(progress.done);
        })
        .await
        .with_context(|| path.display().to_string())?;
        bar.finish_and_clear();
        for notice in &imported.notices {
            eprintln!("{}: {notice}", imported.repository);
        }
        let Imported { repository, commits, changes, releases, tables, .. } = &imported;
        let files: u64 = tables.values().map(|written| written.files).sum();
        println!("{repository}: {commits} commits, {changes} changes, {releases} releases in {files} files");
        all.push(imported);
    }
    Ok(all)
}
