//! TLS in front of what answers as AWS: a program's first call makes a connection, and that takes most of its time.

use std::{fs, path::Path, process::Command, sync::Arc};

use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::aws_lc_rs},
};

/// Where systems keep the authorities that they trust.
const ROOTS: [&str; 2] = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"];

/// Listens in front of an address, and answers its own address. In the folder, `roots.pem` is what whoever calls it has to
/// trust: the system's authorities, as many as a function has to read, and one for this.
pub(crate) async fn in_front_of(address: String, folder: &Path) -> String {
    certify(folder);
    let certificates =
        ["server.pem", "ca.pem"].map(|name| CertificateDer::from_pem_file(folder.join(name)).unwrap());
    let key = PrivateKeyDer::from_pem_file(folder.join("server.key")).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(certificates.to_vec(), key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, address) = (acceptor.clone(), address.clone());
            // As AWS's servers: or the answers to a handshake wait 40 ms for a delayed acknowledgement.
            let _ = stream.set_nodelay(true);
            tokio::spawn(async move {
                // Connections end when the programs that opened them do.
                let Ok(mut outside) = acceptor.accept(stream).await else { return };
                let Ok(mut inside) = TcpStream::connect(address).await else { return };
                let _ = inside.set_nodelay(true);
                let _ = tokio::io::copy_bidirectional(&mut outside, &mut inside).await;
            });
        }
    });
    format!("https://localhost:{port}")
}

/// An authority, and a certificate of its for this machine.
fn certify(folder: &Path) {
    fs::write(folder.join("openssl.cnf"), "[req]\ndistinguished_name = name\n[name]\n").unwrap();
    let request = |arguments: &[&str]| {
        let status = Command::new("openssl")
            .args(["req", "-x509", "-config", "openssl.cnf", "-days", "2", "-nodes", "-newkey", "ec"])
            .args(["-pkeyopt", "ec_paramgen_curve:prime256v1"])
            .args(arguments)
            .current_dir(folder)
            .output();
        assert!(status.is_ok_and(|output| output.status.success()), "openssl 3 is needed");
    };
    let ca = ["-addext", "basicConstraints=critical,CA:TRUE", "-keyout", "ca.key", "-out", "ca.pem"];
    request(&[["-subj", "/CN=Benchmark"].as_slice(), &ca].concat());
    let server = ["-CA", "ca.pem", "-CAkey", "ca.key", "-keyout", "server.key", "-out", "server.pem"];
    let names = ["-addext", "subjectAltName=DNS:localhost", "-addext", "basicConstraints=critical,CA:FALSE"];
    request(&[["-subj", "/CN=localhost"].as_slice(), &names, &server].concat());
    let system = ROOTS.iter().find_map(|path| fs::read_to_string(path).ok()).unwrap_or_default();
    let own = fs::read_to_string(folder.join("ca.pem")).unwrap();
    fs::write(folder.join("roots.pem"), format!("{system}\n{own}")).unwrap();
}
