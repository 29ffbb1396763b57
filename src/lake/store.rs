//! Opens the object store behind a lake's URL, with paths relative to the lake's root.
//! Knows the vendors' settings; what lies in the store is others' business.

use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::azure::{AzureConfigKey, MicrosoftAzureBuilder};
use object_store::gcp::{GoogleCloudStorageBuilder, GoogleConfigKey};
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{BackoffConfig, ObjectStore, RetryConfig};
use url::Url;

use super::layout;
use super::trust::Trust;

/// Among the options of [`open`], the one that is ours: path of a PEM file with certificates to trust beside the machine's.
pub const CA_BUNDLE: &str = "ca_bundle";

/// A store whose root is the lake's root.
pub(super) type Store = Arc<dyn ObjectStore>;

/// Reads what a person wrote as a URL: `file://`, `s3://`, `gs://`, `az://`, `memory://`, or a path on this machine.
pub(super) fn parse(text: &str) -> Result<Url> {
    if text.contains("://") {
        return Url::parse(text).with_context(|| format!("{text:?} is not a URL"));
    }
    let path = std::path::absolute(PathBuf::from(text)).with_context(|| format!("{text:?} is not a path"))?;
    Url::from_directory_path(&path).map_err(|()| anyhow!("{} is not a path", path.display()))
}

/// Opens the store. Settings come from the vendor's usual environment variables; `options` (the same names, in any
/// case) override them; [`CA_BUNDLE`] is one more. Nothing is asked of the store yet; see [`probe`].
pub(super) fn open(url: &Url, options: &[(String, String)]) -> Result<Store> {
    let (ours, options): (Vec<_>, Vec<_>) = options.iter().partition(|(key, _)| key == CA_BUNDLE);
    let trust = || ours.last().map_or_else(|| Ok(Trust::default()), |(_, path)| Trust::with_bundle(path));
    match url.scheme() {
        "file" => local(url),
        "memory" => Ok(Arc::new(InMemory::new())),
        "s3" | "s3a" => {
            let mut builder =
                AmazonS3Builder::from_env().with_url(url.as_str()).with_retry(retry()).with_http_connector(trust()?);
            for (key, value) in options {
                let key = AmazonS3ConfigKey::from_str(&key.to_ascii_lowercase()).with_context(|| unknown(key))?;
                if key == AmazonS3ConfigKey::Endpoint {
                    // The environment may name one for S3 alone, which would win.
                    builder = builder.with_config(AmazonS3ConfigKey::S3Endpoint, value);
                }
                builder = builder.with_config(key, value);
            }
            Ok(rooted(builder.build().with_context(|| remedy(url))?, url))
        }
        "gs" => {
            let mut builder = GoogleCloudStorageBuilder::from_env()
                .with_url(url.as_str())
                .with_retry(retry())
                .with_http_connector(trust()?);
            for (key, value) in options {
                let key = GoogleConfigKey::from_str(&key.to_ascii_lowercase()).with_context(|| unknown(key))?;
                builder = builder.with_config(key, value);
            }
            Ok(rooted(builder.build().with_context(|| remedy(url))?, url))
        }
        "az" | "azure" | "abfs" | "abfss" => {
            let mut builder = MicrosoftAzureBuilder::from_env()
                .with_url(url.as_str())
                .with_retry(retry())
                .with_http_connector(trust()?);
            for (key, value) in options {
                let key = AzureConfigKey::from_str(&key.to_ascii_lowercase()).with_context(|| unknown(key))?;
                builder = builder.with_config(key, value);
            }
            Ok(rooted(builder.build().with_context(|| remedy(url))?, url))
        }
        other => bail!("{url}: unknown scheme {other:?}; a lake is at file://, s3://, gs://, az:// or memory://"),
    }
}

/// Asks the store one question, so that a wrong URL or missing right is told at the start.
pub(super) async fn probe(store: &Store, url: &Url) -> Result<()> {
    let Err(error) = store.list_with_delimiter(Some(&Path::from(layout::TABLES))).await else { return Ok(()) };
    // rustls says so deep down in errors that name no type.
    let remedy = match format!("{error:?}").contains("UnknownIssuer") {
        true => format!(
            "the lake at {url} cannot be opened: the store's certificate is of an authority that this machine does not trust; \
             if you do, name a file with the authority's certificate as {CA_BUNDLE}"
        ),
        false => remedy(url),
    };
    Err(error).context(remedy)
}

/// What to look at when the store does not answer. Names settings, never their values.
fn remedy(url: &Url) -> String {
    let settings = match url.scheme() {
        "file" => "the folder must exist or be creatable, and be readable and writable by this user",
        "s3" | "s3a" => {
            "check the bucket's name, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (or the machine's role), AWS_REGION, \
             and for another vendor AWS_ENDPOINT_URL (with AWS_ALLOW_HTTP=true where it speaks plain http)"
        }
        "gs" => "check the bucket's name and GOOGLE_APPLICATION_CREDENTIALS (or the machine's service account)",
        _ => "check the container's name, AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY (or the identity)",
    };
    format!("the lake at {url} cannot be opened: {settings}")
}

fn unknown(key: &str) -> String {
    format!("{key:?} is not a setting of this kind of store")
}

fn local(url: &Url) -> Result<Store> {
    let path = url.to_file_path().map_err(|()| anyhow!("{url} is not a path on this machine"))?;
    std::fs::create_dir_all(&path).with_context(|| remedy(url))?;
    Ok(Arc::new(LocalFileSystem::new_with_prefix(&path).with_context(|| remedy(url))?))
}

fn rooted(store: impl ObjectStore, url: &Url) -> Store {
    // az:// and friends: the builders take bucket and account from the URL; the rest of the path is ours.
    let prefix = Path::from_url_path(url.path()).unwrap_or_else(|_| Path::from(url.path()));
    match prefix.as_ref() {
        "" => Arc::new(store),
        _ => Arc::new(PrefixStore::new(store, prefix)),
    }
}

/// A query must not wait for the default of three minutes.
fn retry() -> RetryConfig {
    RetryConfig {
        backoff: BackoffConfig {
            init_backoff: Duration::from_millis(100),
            max_backoff: Duration::from_secs(3),
            base: 2.0,
        },
        max_retries: 5,
        retry_timeout: Duration::from_secs(20),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_path_is_a_folder_on_this_machine() {
        let url = parse("some/lake").unwrap();
        assert_eq!(url.scheme(), "file");
        assert!(url.path().ends_with("/some/lake/"), "{url}");
    }

    #[test]
    fn unknown_schemes_and_settings_are_named() {
        let error = open(&parse("ftp://host/lake").unwrap(), &[]).unwrap_err();
        assert!(error.to_string().contains("ftp"), "{error}");
        let settings = [("aws_colour".to_owned(), "blue".to_owned())];
        let error = open(&parse("s3://bucket/lake").unwrap(), &settings).unwrap_err();
        assert!(error.to_string().contains("aws_colour"), "{error}");
        assert!(!error.to_string().contains("blue"), "{error}");
    }
}
