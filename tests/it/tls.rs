//! A store that speaks TLS with a certificate of a private authority: refused until the authority is trusted, by `ca_bundle` or
//! by the machine. The certificates are made by `openssl` for each run; without it the test says that it skips.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use axum::serve::Listener;
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use tempfile::TempDir;
use throughline::lake::{CA_BUNDLE, Lake};
use throughline::sources::sample;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

use crate::s3;

/// An authority that nobody trusts, and a certificate for 127.0.0.1 that it signed.
struct Authority(TempDir);

impl Authority {
    /// `None` where there is no openssl on this machine.
    fn make() -> Option<Authority> {
        Command::new("openssl").arg("version").output().ok()?;
        let authority = Authority(tempfile::tempdir().unwrap());
        let openssl = |arguments: &str| {
            let mut command = Command::new("openssl");
            let output = command.args(arguments.split(' ')).current_dir(authority.0.path()).output().unwrap();
            assert!(output.status.success(), "openssl {arguments}: {}", String::from_utf8_lossy(&output.stderr));
        };
        let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
        openssl(&format!("req -x509 {key} -keyout ca.key -out ca.pem -days 2 -subj /CN=nobody"));
        openssl(&format!("req {key} -keyout store.key -out store.csr -subj /CN=store"));
        std::fs::write(authority.path("names"), "subjectAltName=IP:127.0.0.1\n").unwrap();
        openssl(
            "x509 -req -in store.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out store.pem -days 1 -extfile names",
        );
        Some(authority)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn acceptor(&self) -> TlsAcceptor {
        let certificate = CertificateDer::from_pem_file(self.path("store.pem")).unwrap();
        let key = PrivateKeyDer::from_pem_file(self.path("store.key")).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .unwrap();
        TlsAcceptor::from(Arc::new(config))
    }
}

/// Accepts connections whose handshake succeeds.
struct TlsListener(TcpListener, TlsAcceptor);

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let (stream, address) = self.0.accept().await.unwrap();
            // A client that does not trust us goes away here.
            if let Ok(stream) = self.1.accept(stream).await {
                return (stream, address);
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

/// Runs the program's intake on a lake of a store, with other variables.
fn intake(options: &[(String, String)], more: &[(&str, &Path)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_throughline"));
    command.args(["intake", "--lake", "s3://lake/company"]).current_dir("/").env_clear();
    command.envs(options.iter().map(|(name, value)| (name, value))).envs(more.iter().copied());
    command.output().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_of_a_private_authority_is_reached_when_the_authority_is_trusted() {
    let Some(authority) = Authority::make() else {
        eprintln!("SKIPPED: there is no openssl to make certificates with; TLS to a store was not tested");
        return;
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("https://{}", listener.local_addr().unwrap());
    let store = s3::start_on(TlsListener(listener, authority.acceptor()), endpoint);
    let options: Vec<_> = store.options().into_iter().filter(|(name, _)| name != "AWS_ALLOW_HTTP").collect();
    let open = |bundle: Option<PathBuf>| {
        let bundle = bundle.map(|path| (CA_BUNDLE.to_owned(), path.to_str().unwrap().to_owned()));
        Lake::open_with("s3://lake/company", options.clone().into_iter().chain(bundle))
    };

    let refused = format!("{:#}", open(None).await.expect_err("nobody trusts it"));
    assert!(refused.contains("certificate") && refused.contains("ca_bundle"), "{refused}");
    for (name, said) in [("missing.pem", "missing.pem"), ("store.key", "BEGIN CERTIFICATE")] {
        let refused = format!("{:#}", open(Some(authority.path(name))).await.expect_err("no bundle"));
        assert!(refused.contains(said), "{refused}");
    }

    let lake = open(Some(authority.path("ca.pem"))).await.expect("the authority is trusted");
    sample::write(
        &*lake.store(),
        "tls",
        [("repositories.csv", "source,id,updated_at,name\nforge,1,2026-01-01T00:00:00Z,a\n")],
    )
    .await
    .unwrap();
    let bundle = authority.path("ca.pem");
    for (variable, said) in
        [("THROUGHLINE_CA_BUNDLE", "repositories.parquet: APPLIED, 1 rows"), ("SSL_CERT_FILE", "0 files")]
    {
        let options = options.clone();
        let bundle = bundle.clone();
        let output = tokio::task::spawn_blocking(move || intake(&options, &[(variable, &bundle)])).await.unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert!(text(&output.stdout).contains(said), "{variable}: {}{}", text(&output.stdout), text(&output.stderr));
    }
}
