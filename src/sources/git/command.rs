//! Runs the `git` executable in one clone and streams what it prints.
//! Knows nothing of what the output means.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdout, Command};
use tokio::task::JoinHandle;

/// A local clone, bare or not.
#[derive(Debug, Clone)]
pub struct LocalClone {
    path: PathBuf,
}

/// A running command's output as NUL-terminated tokens.
pub struct Tokens {
    child: Child,
    stdout: BufReader<ChildStdout>,
    stderr: JoinHandle<String>,
    what: String,
    token: Vec<u8>,
}

impl LocalClone {
    /// The clone at a path; an error if git sees none there.
    pub async fn open(path: &Path) -> Result<LocalClone> {
        let clone = LocalClone { path: path.to_owned() };
        clone
            .line(&["rev-parse", "--git-dir"])
            .await
            .with_context(|| format!("{}: not a git clone", path.display()))?;
        Ok(clone)
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Runs git and gives its output without the last line end. Fails as git fails.
    pub async fn line(&self, arguments: &[&str]) -> Result<String> {
        let output = self.command(arguments).stdin(Stdio::null()).output().await.context("git could not be started")?;
        if !output.status.success() {
            bail!("git {}: {}", arguments[0], String::from_utf8_lossy(&output.stderr).trim());
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
    }

    /// Like `line`; none where git says no.
    pub async fn maybe(&self, arguments: &[&str]) -> Option<String> {
        self.line(arguments).await.ok().filter(|line| !line.is_empty())
    }

    /// Runs git with `input` on its standard input and reads the number that it prints.
    pub async fn count(&self, arguments: &[&str], input: String) -> Result<u64> {
        let mut tokens = self.tokens(arguments, input)?;
        let printed = tokens.next().await?.map(|text| String::from_utf8_lossy(text).into_owned()).unwrap_or_default();
        let count =
            printed.trim().parse().with_context(|| format!("git {}: no number in {printed:?}", arguments[0]))?;
        tokens.next().await?;
        Ok(count)
    }

    /// Starts git with `input` on its standard input.
    pub fn tokens(&self, arguments: &[&str], input: String) -> Result<Tokens> {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().context("git could not be started")?;
        let (Some(mut stdin), Some(stdout), Some(mut stderr)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            bail!("git was started without pipes");
        };
        // Fed beside the reading: git may print before it has read all. If it dies, its own words say why.
        tokio::spawn(async move {
            let _ = stdin.write_all(input.as_bytes()).await;
        });
        let stderr = tokio::spawn(async move {
            let mut text = Vec::new();
            let _ = stderr.read_to_end(&mut text).await;
            String::from_utf8_lossy(&text).trim().to_owned()
        });
        let stdout = BufReader::with_capacity(1 << 18, stdout);
        Ok(Tokens { child, stdout, stderr, what: arguments[0].to_owned(), token: Vec::new() })
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("git");
        // The same output whatever the user's own configuration says.
        command.arg("-C").arg(&self.path).args(["--no-pager", "--no-optional-locks"]);
        for setting in ["core.quotePath=false", "diff.renames=true", "diff.renameLimit=1000", "log.mailmap=true"] {
            command.args(["-c", setting]);
        }
        command.args(["-c", "i18n.logOutputEncoding=UTF-8", "-c", "log.showSignature=false"]);
        command.args(arguments).env("LC_ALL", "C").env("GIT_TERMINAL_PROMPT", "0");
        command
    }
}

impl Tokens {
    /// The next token without its NUL; none at the end. Fails there if git failed.
    pub async fn next(&mut self) -> Result<Option<&[u8]>> {
        self.token.clear();
        self.stdout.read_until(0, &mut self.token).await.context("reading from git")?;
        if self.token.is_empty() {
            let status = self.child.wait().await?;
            if !status.success() {
                let said = (&mut self.stderr).await.unwrap_or_default();
                bail!("git {} failed ({status}): {said}", self.what);
            }
            return Ok(None);
        }
        if self.token.last() == Some(&0) {
            self.token.pop();
        }
        Ok(Some(&self.token))
    }
}
