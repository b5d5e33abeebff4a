//! The encrypted line: whom we trust, who we are, and why a handshake was refused, each reason in its own sentence.

use std::{fmt, fs, path::Path, sync::Arc};

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        verify_server_name,
    },
    crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime, pem::PemObject},
    server::ParsedCertificate,
};
use sha2::{Digest, Sha256};
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};

use super::{Connection, Tls, refusal::Refusal};

/// What a server showed of itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Certificate {
    pub der: Vec<u8>,
    /// SHA-256 of the certificate, in pairs of hex digits with colons, as `openssl x509 -fingerprint -sha256` prints it.
    pub fingerprint: String,
    pub subject: String,
    pub issuer: String,
    /// The host names and addresses it is made for.
    pub names: Vec<String>,
    pub not_before: Option<DateTime<Utc>>,
    pub not_after: Option<DateTime<Utc>>,
    pub is_authority: bool,
    pub is_self_signed: bool,
    pub is_version_1: bool,
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate").field("subject", &self.subject).field("fingerprint", &self.fingerprint).finish()
    }
}

impl Certificate {
    pub(crate) fn read(der: &[u8]) -> Self {
        let digest = Sha256::digest(der);
        let fingerprint = digest.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(":");
        let mut certificate = Self {
            der: der.to_vec(),
            fingerprint,
            subject: String::new(),
            issuer: String::new(),
            names: Vec::new(),
            not_before: None,
            not_after: None,
            is_authority: false,
            is_self_signed: false,
            is_version_1: false,
        };
        if let Ok((_, parsed)) = X509Certificate::from_der(der) {
            let moment = |seconds| DateTime::from_timestamp(seconds, 0);
            certificate.subject = visible(&parsed.subject().to_string());
            certificate.issuer = visible(&parsed.issuer().to_string());
            certificate.not_before = moment(parsed.validity().not_before.timestamp());
            certificate.not_after = moment(parsed.validity().not_after.timestamp());
            certificate.is_authority = parsed.is_ca();
            certificate.is_self_signed = parsed.subject().as_raw() == parsed.issuer().as_raw();
            certificate.is_version_1 = parsed.version().0 < 2;
            if let Ok(Some(alternatives)) = parsed.subject_alternative_name() {
                certificate.names = alternatives.value.general_names.iter().filter_map(host_name).collect();
            }
        }
        certificate
    }
}

fn host_name(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some(visible(name)),
        GeneralName::IPAddress(bytes) => <[u8; 4]>::try_from(*bytes)
            .map(|four| std::net::Ipv4Addr::from(four).to_string())
            .or_else(|_| <[u8; 16]>::try_from(*bytes).map(|all| std::net::Ipv6Addr::from(all).to_string()))
            .ok(),
        _ => None,
    }
}

// A stranger's server chose this text.
fn visible(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}

pub(crate) fn to_pem(der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let mut pem = String::from("-----BEGIN CERTIFICATE-----\n");
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(64));
        pem.push_str(line);
        pem.push('\n');
        rest = after;
    }
    pem.push_str("-----END CERTIFICATE-----\n");
    pem
}

/// Everything a handshake with this connection's server needs, read from the files once.
pub(crate) struct Trust {
    mode: Tls,
    verifier: Option<Arc<WebPkiServerVerifier>>,
    chosen: Vec<CertificateDer<'static>>,
    has_chosen_file: bool,
    identity: Option<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)>,
    provider: Arc<CryptoProvider>,
    /// What IT should mend although it works.
    pub(crate) warning: Option<String>,
}

impl Trust {
    /// Reads authorities, client certificate and key.
    pub(crate) fn of(connection: &Connection) -> Result<Self, Refusal> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let chosen = connection.ca_file.as_deref().map(authorities).transpose()?.unwrap_or_default();
        let identity = match (&connection.client_certificate, &connection.client_key) {
            (Some(certificate), Some(key)) => Some((own_chain(certificate)?, own_key(key)?)),
            _ => None,
        };
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        roots.add_parsable_certificates(chosen.iter().cloned());
        let verifier = if roots.is_empty() {
            None
        } else {
            let builder = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider.clone());
            Some(builder.build().map_err(|error| {
                Refusal::tls(format!("The trusted authorities cannot be used: {error}."), "Choose another CA file.")
            })?)
        };
        let warning = connection.client_key.as_deref().filter(|key| is_readable_by_others(key)).map(|key| {
            format!("Other accounts of this computer can read the key {key}; its owner alone should (chmod 600).")
        });
        let has_chosen_file = connection.ca_file.is_some();
        Ok(Self { mode: connection.tls, verifier, chosen, has_chosen_file, identity, provider, warning })
    }

    /// A configuration for one handshake, and the witness that remembers what the server showed.
    pub(crate) fn config(&self) -> Result<(Arc<ClientConfig>, Arc<Witness>), Refusal> {
        let witness = Arc::new(Witness {
            mode: self.mode,
            verifier: self.verifier.clone(),
            chosen: self.chosen.clone(),
            provider: self.provider.clone(),
            seen: std::sync::Mutex::new(None),
        });
        let unusable = |error: rustls::Error| {
            Refusal::tls(format!("No encrypted line can be made: {error}."), "Report this; it is a fault of Lectern.")
        };
        let builder = ClientConfig::builder_with_provider(self.provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(unusable)?
            .dangerous()
            .with_custom_certificate_verifier(witness.clone());
        let config = match &self.identity {
            None => builder.with_no_client_auth(),
            Some((chain, key)) => {
                builder.with_client_auth_cert(chain.clone(), key.clone_key()).map_err(|error| match error {
                    rustls::Error::InconsistentKeys(_) => Refusal::tls(
                        "The client key does not belong to the client certificate.",
                        "Choose the key that was made together with this certificate.",
                    ),
                    other => Refusal::tls(
                        format!("The client certificate cannot be used: {other}."),
                        "Ask IT for a client certificate with an RSA, ECDSA or Ed25519 key.",
                    ),
                })?
            }
        };
        Ok((Arc::new(config), witness))
    }

    /// Why the handshake with `host` failed.
    pub(crate) fn explain(&self, host: &str, witness: &Witness, error: &std::io::Error) -> Refusal {
        let seen = witness.seen();
        match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
            Some(rustls::Error::InvalidCertificate(reason)) => self.explain_certificate(host, reason, seen),
            Some(rustls::Error::AlertReceived(alert)) => explain_alert(*alert, self.identity.is_some()),
            Some(rustls::Error::PeerIncompatible(reason)) => Refusal::tls(
                format!("The server knows no way of encrypting that is safe today ({reason:?})."),
                "Have IT allow TLS 1.2 or 1.3 with current ciphers on the server (ssl_min_protocol_version, ssl_ciphers).",
            ),
            Some(other) => Refusal::tls(
                format!("The encrypted line could not be made: {other}."),
                "Check that this port is PostgreSQL's and that nothing in between changes the traffic.",
            ),
            None => Refusal::tls(
                "The server broke off while the encrypted line was being made.",
                "Look into the server's log; a firewall that inspects traffic does this too.",
            ),
        }
    }

    fn explain_certificate(&self, host: &str, reason: &CertificateError, seen: Option<Certificate>) -> Refusal {
        let Some(seen) = seen else {
            return Refusal::tls(
                "The server showed no certificate.",
                "Have IT give the server a certificate (ssl_cert_file).",
            );
        };
        let day = |moment: Option<DateTime<Utc>>| {
            moment.map_or("an unknown day".to_owned(), |at| at.format("%Y-%m-%d").to_string())
        };
        let today = crate::clock::now().format("%Y-%m-%d");
        match reason {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                let ended = day(seen.not_after);
                if seen.not_after.is_some_and(|end| end >= crate::clock::now()) {
                    Refusal::tls(
                        format!("The authority that signed the certificate of {host} has expired."),
                        "Have IT renew the authority's certificate, then choose the new CA file.",
                    )
                } else {
                    Refusal::tls(
                        format!("The certificate of {host} expired on {ended}."),
                        format!("Have IT renew the server's certificate. This computer's clock says {today}; correct it if that is wrong."),
                    )
                }
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => Refusal::tls(
                format!("The certificate of {host} is valid only from {}.", day(seen.not_before)),
                format!("This computer's clock says {today}; correct it if that is wrong, else wait or ask IT."),
            ),
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                let made_for = if seen.names.is_empty() {
                    format!("names no host (its subject is {})", seen.subject)
                } else {
                    format!("is made for {}", seen.names.join(", "))
                };
                Refusal::tls(
                    format!("The certificate is not one of {host}: it {made_for}."),
                    "Connect by a name the certificate has, or have IT make one with this host as subject alternative name. \
                     Only if you are sure this is your server: choose the TLS mode verify-ca.",
                )
            }
            CertificateError::Revoked => Refusal::tls(
                format!("The certificate of {host} was revoked by its authority."),
                "Do not connect; tell IT.",
            ),
            CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => self.pinnable(
                format!("The certificate of {host} is not made for servers (its extended key usage says so)."),
                "Have IT make one with the usage serverAuth",
                seen,
            ),
            _ if seen.is_version_1 => Refusal::tls(
                format!("The certificate of {host} has the old form X.509 version 1, which is not accepted any more."),
                "Have IT make a version 3 certificate with subject alternative names.",
            ),
            // rustls says CaUsedAsEndEntity here: psql accepts such a certificate, so people are surprised.
            _ if seen.is_authority => self.pinnable(
                format!(
                    "{host} uses the certificate of an authority as its own (self-signed, made with CA:TRUE); a certificate \
                     that may sign others must not also be a server's."
                ),
                "Have IT sign a server certificate with it",
                seen,
            ),
            CertificateError::UnknownIssuer if seen.is_self_signed => self.pinnable(
                format!("The certificate of {host} is self-signed: nobody but itself vouches for it."),
                "Have IT sign it with your organization's authority and choose that CA file",
                seen,
            ),
            CertificateError::UnknownIssuer if self.has_chosen_file => self.pinnable(
                format!("The chosen CA file does not contain the authority that signed the certificate of {host} ({}).", seen.issuer),
                "Choose the CA file of that authority, with its intermediate certificates",
                seen,
            ),
            CertificateError::UnknownIssuer => self.pinnable(
                format!("This computer does not know the authority that signed the certificate of {host} ({}).", seen.issuer),
                "Get that authority's CA file from IT and choose it in this connection",
                seen,
            ),
            CertificateError::BadSignature => Refusal::tls(
                format!("The certificate of {host} is not really signed by the authority it names."),
                "Do not connect; tell IT: somebody may be between you and the server.",
            ),
            other => Refusal::tls(
                format!("The certificate of {host} cannot be accepted: {other}."),
                "Have IT make a new one with current settings (RSA of 2048 bits or more, or ECDSA; SHA-256).",
            ),
        }
    }

    fn pinnable(&self, message: String, first: &str, seen: Certificate) -> Refusal {
        // Trusting exactly this certificate would not help while it is expired.
        if seen.not_after.is_some_and(|end| end < crate::clock::now()) {
            return Refusal::tls(message, format!("{first}."));
        }
        let next_step = format!(
            "{first}. Or, if IT confirms that the server's certificate has the SHA-256 fingerprint {}, trust exactly that certificate.",
            seen.fingerprint
        );
        Refusal { pinnable: Some(Box::new(seen)), ..Refusal::tls(message, next_step) }
    }
}

/// What a TLS alert of the server means; it can arrive after our half of the handshake is done.
pub(crate) fn explain_alert(alert: rustls::AlertDescription, showed_own: bool) -> Refusal {
    use rustls::AlertDescription as Alert;
    match alert {
        Alert::CertificateRequired => Refusal::tls(
            "The server asks for a client certificate.",
            "Choose the client certificate and key that IT made for you.",
        ),
        Alert::HandshakeFailure if !showed_own => Refusal::tls(
            "The server refused the encrypted line; it may ask for a client certificate.",
            "Choose the client certificate and key that IT made for you, or ask IT which ciphers the server allows.",
        ),
        Alert::UnknownCA
        | Alert::BadCertificate
        | Alert::CertificateUnknown
        | Alert::DecryptError
        | Alert::AccessDenied
            if showed_own =>
        {
            Refusal::tls(
                "The server does not accept your client certificate: it does not know the authority that signed it.",
                "Ask IT for a client certificate of the authority in the server's ssl_ca_file.",
            )
        }
        Alert::CertificateExpired if showed_own => {
            Refusal::tls("Your client certificate has expired.", "Ask IT for a new client certificate and key.")
        }
        Alert::CertificateRevoked if showed_own => {
            Refusal::tls("Your client certificate was revoked.", "Ask IT for a new client certificate and key.")
        }
        Alert::ProtocolVersion => Refusal::tls(
            "The server speaks only versions of TLS that are not safe any more.",
            "Have IT allow TLS 1.2 or 1.3 on the server (ssl_min_protocol_version).",
        ),
        other => Refusal::tls(
            format!("The server refused the encrypted line ({other:?})."),
            "Look into the server's log for the reason.",
        ),
    }
}

fn read_file(path: &str, what: &str) -> Result<Vec<u8>, Refusal> {
    fs::read(Path::new(path)).map_err(|error| {
        let why = match error.kind() {
            std::io::ErrorKind::NotFound => "does not exist",
            std::io::ErrorKind::PermissionDenied => "may not be read by this account",
            _ => "cannot be read",
        };
        Refusal::tls(format!("The {what} {path} {why}."), "Choose the file again, or ask IT for it.")
    })
}

fn certificates(path: &str, what: &str) -> Result<Vec<CertificateDer<'static>>, Refusal> {
    let bytes = read_file(path, what)?;
    if bytes.first() == Some(&0x30) && X509Certificate::from_der(&bytes).is_ok() {
        return Ok(vec![CertificateDer::from(bytes)]);
    }
    let unreadable = || {
        Refusal::tls(
            format!("The {what} {path} holds no certificate."),
            "Choose a PEM file: text that begins with -----BEGIN CERTIFICATE-----.",
        )
    };
    let found: Vec<_> = CertificateDer::pem_slice_iter(&bytes).collect::<Result<_, _>>().map_err(|_| unreadable())?;
    if found.is_empty() || found.iter().any(|der| X509Certificate::from_der(der).is_err()) {
        Err(unreadable())
    } else {
        Ok(found)
    }
}

fn authorities(path: &str) -> Result<Vec<CertificateDer<'static>>, Refusal> {
    certificates(path, "CA file")
}

fn own_chain(path: &str) -> Result<Vec<CertificateDer<'static>>, Refusal> {
    let chain = certificates(path, "client certificate")?;
    let own = chain.first().map(|der| Certificate::read(der));
    if own.is_some_and(|own| own.not_after.is_some_and(|end| end < crate::clock::now())) {
        return Err(Refusal::tls(
            "Your client certificate has expired.",
            "Ask IT for a new client certificate and key.",
        ));
    }
    Ok(chain)
}

/// PKCS#1, PKCS#8 or SEC1, not encrypted.
fn own_key(path: &str) -> Result<PrivateKeyDer<'static>, Refusal> {
    let bytes = zeroize::Zeroizing::new(read_file(path, "client key")?);
    let text = String::from_utf8_lossy(&bytes);
    if text.contains("BEGIN ENCRYPTED PRIVATE KEY") || text.contains("Proc-Type: 4,ENCRYPTED") {
        return Err(Refusal::tls(
            format!("The client key {path} is protected by a passphrase, which Lectern cannot open."),
            "Make a copy without one and let only your account read it: openssl pkey -in KEY -out NEW-KEY, chmod 600 NEW-KEY.",
        ));
    }
    if text.contains("BEGIN OPENSSH PRIVATE KEY") {
        return Err(Refusal::tls(
            format!("The client key {path} is an SSH key."),
            "Choose the key of your client certificate; ask IT if you have none.",
        ));
    }
    PrivateKeyDer::from_pem_slice(&bytes).or_else(|_| PrivateKeyDer::try_from(bytes.to_vec())).map_err(|_| {
        Refusal::tls(
            format!("The client key {path} holds no private key."),
            "Choose a PEM file: text that begins with -----BEGIN PRIVATE KEY----- (also RSA or EC).",
        )
    })
}

#[cfg(unix)]
fn is_readable_by_others(path: &str) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).is_ok_and(|meta| meta.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn is_readable_by_others(_path: &str) -> bool {
    false
}

/// Verifies as the connection's mode says and remembers what was shown.
pub(crate) struct Witness {
    mode: Tls,
    verifier: Option<Arc<WebPkiServerVerifier>>,
    chosen: Vec<CertificateDer<'static>>,
    provider: Arc<CryptoProvider>,
    seen: std::sync::Mutex<Option<Vec<u8>>>,
}

impl Witness {
    pub(crate) fn seen(&self) -> Option<Certificate> {
        let seen = self.seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        seen.as_deref().map(Certificate::read)
    }

    fn verify(
        &self,
        shown: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if self.mode == Tls::Require {
            return Ok(ServerCertVerified::assertion());
        }
        // libpq trusts a server's own certificate that stands in the root file; webpki would want it to be a CA.
        if self.chosen.iter().any(|chosen| chosen.as_ref() == shown.as_ref()) {
            let seen = Certificate::read(shown);
            let at = DateTime::from_timestamp(i64::try_from(now.as_secs()).unwrap_or(i64::MAX), 0);
            if seen.not_after < at {
                return Err(CertificateError::Expired.into());
            }
            if seen.not_before > at {
                return Err(CertificateError::NotValidYet.into());
            }
            if self.mode == Tls::VerifyFull {
                verify_server_name(&ParsedCertificate::try_from(shown)?, name)?;
            }
            return Ok(ServerCertVerified::assertion());
        }
        let Some(verifier) = &self.verifier else { return Err(CertificateError::UnknownIssuer.into()) };
        match verifier.verify_server_cert(shown, intermediates, name, ocsp, now) {
            // The path is verified before the name.
            Err(rustls::Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) if self.mode == Tls::VerifyCa => Ok(ServerCertVerified::assertion()),
            verdict => verdict,
        }
    }
}

impl fmt::Debug for Witness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Witness").field("mode", &self.mode).finish_non_exhaustive()
    }
}

impl ServerCertVerifier for Witness {
    fn verify_server_cert(
        &self,
        shown: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        *self.seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(shown.to_vec());
        self.verify(shown, intermediates, name, ocsp, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
