//! Whose certificates a store may show: those that the machine trusts, and a bundle of one's own beside them.

use anyhow::{Context, Result, ensure};
use object_store::client::{HttpClient, HttpConnector, ReqwestConnector};
use object_store::{Certificate, ClientOptions};

/// Makes the connections to a store. It covers all of them, also those that only fetch credentials.
#[derive(Debug, Clone, Default)]
pub(super) struct Trust(Vec<Certificate>);

impl Trust {
    /// Trusts the certificates of a PEM file too.
    ///
    /// # Errors
    /// When the file cannot be read or holds no certificate.
    pub(super) fn with_bundle(path: &str) -> Result<Trust> {
        let read = || {
            let certificates = Certificate::from_pem_bundle(&std::fs::read(path)?)?;
            ensure!(!certificates.is_empty(), "it holds no '-----BEGIN CERTIFICATE-----'");
            Ok(Trust(certificates))
        };
        read().with_context(|| format!("the CA bundle {path} cannot be read; it must be a PEM file of certificates"))
    }
}

impl HttpConnector for Trust {
    fn connect(&self, options: &ClientOptions) -> object_store::Result<HttpClient> {
        let trusting = |options: ClientOptions, root: &Certificate| options.with_root_certificate(root.clone());
        ReqwestConnector::default().connect(&self.0.iter().fold(options.clone(), trusting))
    }
}
