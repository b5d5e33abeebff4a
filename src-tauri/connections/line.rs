//! The raw line to a server: name, network, encryption and PostgreSQL's first answer, each with its own refusal. What the
//! check shows and what a connection uses is this same code.

use std::{net::SocketAddr, time::Duration};

use futures_util::{StreamExt, stream::FuturesUnordered};
use rustls::pki_types::ServerName;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::{
    Connection, Endpoint, Tls,
    refusal::Refusal,
    tls::{Certificate, Trust, explain_alert},
};
use crate::error::Code;

/// How long one host may take to be found, to answer, to agree on encryption: each.
pub(crate) const PATIENCE: Duration = Duration::from_secs(3);

const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];
const PROTOCOL_3: [u8; 4] = [0, 3, 0, 0];
const TERMINATE: [u8; 5] = [b'X', 0, 0, 0, 4];

pub(crate) trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}
pub(crate) type Line = Box<dyn Duplex>;

/// The addresses of a host.
pub(crate) async fn find(endpoint: &Endpoint) -> Result<Vec<SocketAddr>, Refusal> {
    let host = &endpoint.host;
    let unknown = || {
        Refusal::unreachable(
            format!("No computer named {host} is known here."),
            "Check the spelling of the host, and the network or VPN it is in.",
        )
    };
    let found = timeout(PATIENCE, tokio::net::lookup_host((host.as_str(), endpoint.port))).await.map_err(|_| {
        Refusal::unreachable(
            format!("The name server gave no answer about {host} within {} seconds.", PATIENCE.as_secs()),
            "Check this computer's network connection.",
        )
    })?;
    let addresses: Vec<SocketAddr> = found.map_err(|_| unknown())?.collect();
    if addresses.is_empty() { Err(unknown()) } else { Ok(addresses) }
}

/// The first of a host's addresses that answers.
pub(crate) async fn dial(endpoint: &Endpoint, addresses: &[SocketAddr]) -> Result<TcpStream, Refusal> {
    let mut attempts: FuturesUnordered<_> = (0u32..)
        .zip(addresses)
        .map(|(rank, address)| async move {
            // A dead IPv6 route must not use up the whole patience.
            tokio::time::sleep(Duration::from_millis(200) * rank).await;
            TcpStream::connect(*address).await
        })
        .collect();
    let mut last = None;
    let outcome = timeout(PATIENCE, async {
        while let Some(attempt) = attempts.next().await {
            match attempt {
                Ok(stream) => return Some(stream),
                Err(error) => last = Some(error),
            }
        }
        None
    })
    .await;
    match outcome {
        Ok(Some(stream)) => {
            keep_alive(&stream);
            Ok(stream)
        }
        Ok(None) => Err(explain_network(endpoint, last.as_ref())),
        Err(_) => Err(Refusal::unreachable(
            format!("{endpoint} does not answer within {} seconds.", PATIENCE.as_secs()),
            "Check the host and port; a firewall or a missing VPN lets connections run into silence.",
        )),
    }
}

fn explain_network(endpoint: &Endpoint, error: Option<&std::io::Error>) -> Refusal {
    use std::io::ErrorKind;
    match error.map(std::io::Error::kind) {
        Some(ErrorKind::ConnectionRefused) => Refusal::unreachable(
            format!("{} answers, but nothing listens on port {}.", endpoint.host, endpoint.port),
            "Check the port (PostgreSQL usually has 5432) and that the server is running and listens to the network (listen_addresses).",
        ),
        Some(ErrorKind::NetworkUnreachable | ErrorKind::HostUnreachable | ErrorKind::NetworkDown) => {
            Refusal::unreachable(
                format!("There is no way through the network to {endpoint}."),
                "Check this computer's network connection or VPN.",
            )
        }
        _ => Refusal::unreachable(
            format!("The connection to {endpoint} could not be made."),
            "Check the network between this computer and the server.",
        ),
    }
}

// A server that vanished without a word is noticed within half a minute instead of hours.
fn keep_alive(stream: &TcpStream) {
    let socket = socket2::SockRef::from(stream);
    let keepalive =
        socket2::TcpKeepalive::new().with_time(Duration::from_secs(15)).with_interval(Duration::from_secs(5));
    #[cfg(unix)]
    let keepalive = keepalive.with_retries(3);
    let told = socket.set_tcp_nodelay(true).and_then(|()| socket.set_tcp_keepalive(&keepalive));
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let told = told.and_then(|()| socket.set_tcp_user_timeout(Some(Duration::from_secs(30))));
    if let Err(error) = told {
        tracing::debug!(%error, "the system does not watch over a connection");
    }
}

/// Asks the server for encryption and makes it (PostgreSQL manual, 53.2.10).
pub(crate) async fn encrypt(
    mut stream: TcpStream,
    endpoint: &Endpoint,
    trust: &Trust,
) -> Result<(TlsStream<TcpStream>, Option<Certificate>), Refusal> {
    let silent = || {
        Refusal::unreachable(
            format!("{endpoint} was reached, but says nothing."),
            "Check that PostgreSQL is what listens there; a server that is overloaded or starting does this too.",
        )
    };
    let ask = async {
        stream.write_all(&SSL_REQUEST).await?;
        stream.read_u8().await
    };
    match timeout(PATIENCE, ask).await.map_err(|_| silent())? {
        Ok(b'S') => {}
        Ok(b'N') => {
            return Err(Refusal::tls(
                format!("The server at {endpoint} does not encrypt its connections."),
                "Have IT turn on encryption at the server (ssl = on); Lectern does not fall back to an open line.",
            ));
        }
        Ok(_) => return Err(not_postgresql(endpoint)),
        Err(_) => return Err(hung_up(endpoint)),
    }
    let (config, witness) = trust.config()?;
    let name = ServerName::try_from(endpoint.host.clone()).map_err(|_| {
        Refusal::tls(
            format!("{} cannot be a name in a certificate.", endpoint.host),
            "Connect by the server's full name or its address.",
        )
    })?;
    let handshake = timeout(PATIENCE, TlsConnector::from(config).connect(name, stream)).await.map_err(|_| silent())?;
    match handshake {
        Ok(line) => Ok((line, witness.seen())),
        Err(error) => Err(trust.explain(&endpoint.host, &witness, &error)),
    }
}

fn not_postgresql(endpoint: &Endpoint) -> Refusal {
    Refusal::unreachable(
        format!("What answers at {endpoint} is not PostgreSQL."),
        "Check the port; PostgreSQL usually has 5432.",
    )
}

fn hung_up(endpoint: &Endpoint) -> Refusal {
    Refusal::unreachable(
        format!("{endpoint} hung up at once."),
        "Check the port, and whether the server lets this computer in; its log says why.",
    )
}

/// A line as far as PostgreSQL's own words begin: found, dialled, encrypted as the connection says.
pub(crate) async fn open(
    connection: &Connection,
    endpoint: &Endpoint,
    trust: Option<&Trust>,
) -> Result<(Line, Option<Certificate>), Refusal> {
    if endpoint.is_socket() {
        return Ok((socket(endpoint).await?, None));
    }
    let stream = dial(endpoint, &find(endpoint).await?).await?;
    match trust {
        Some(trust) if connection.tls_to(endpoint) != Tls::Off => {
            let (line, seen) = encrypt(stream, endpoint, trust).await?;
            Ok((Box::new(line), seen))
        }
        _ => Ok((Box::new(stream), None)),
    }
}

#[cfg(unix)]
async fn socket(endpoint: &Endpoint) -> Result<Line, Refusal> {
    let path = format!("{}/.s.PGSQL.{}", endpoint.host, endpoint.port);
    match timeout(PATIENCE, tokio::net::UnixStream::connect(&path)).await {
        Ok(Ok(stream)) => Ok(Box::new(stream)),
        Ok(Err(error)) if error.kind() == std::io::ErrorKind::PermissionDenied => Err(Refusal::unreachable(
            format!("This account may not use the socket {path}."),
            "Ask IT for the right to use it, or connect by host name.",
        )),
        _ => Err(Refusal::unreachable(
            format!("No server listens on the socket {path}."),
            "Start the server, or check the directory and the port.",
        )),
    }
}

#[cfg(not(unix))]
async fn socket(endpoint: &Endpoint) -> Result<Line, Refusal> {
    Err(Refusal::unreachable(
        format!("{} is a socket, which this system does not have.", endpoint.host),
        "Connect by host name.",
    ))
}

/// PostgreSQL's first word after ours.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Greeting {
    /// It lets the sign-in begin; whether it asks for a password.
    SignIn { asks_password: bool },
    /// It refused before any sign-in.
    Refused { sqlstate: String, message: String },
}

/// Sends the start-up message with `extra` parameters and reads the first answer, then leaves.
pub(crate) async fn greet(
    connection: &Connection,
    endpoint: &Endpoint,
    mut line: Line,
    shows_certificate: bool,
    extra: &[(&str, &str)],
) -> Result<Greeting, Refusal> {
    let mut body = PROTOCOL_3.to_vec();
    for (key, value) in
        [("user", connection.user.as_str()), ("database", connection.database.as_str())].iter().chain(extra)
    {
        for text in [key, value] {
            body.extend_from_slice(text.as_bytes());
            body.push(0);
        }
    }
    body.push(0);
    let length = u32::try_from(body.len() + 4).unwrap_or(u32::MAX);
    let talk = async {
        line.write_all(&length.to_be_bytes()).await?;
        line.write_all(&body).await?;
        line.flush().await?;
        let kind = line.read_u8().await?;
        let size = line.read_u32().await?.saturating_sub(4);
        if !b"RENv".contains(&kind) || size > 65_536 {
            return Ok(None);
        }
        let mut answer = vec![0; size as usize];
        line.read_exact(&mut answer).await?;
        Ok(Some((kind, answer)))
    };
    let answer = match timeout(PATIENCE, talk).await {
        Err(_) => {
            return Err(Refusal::unreachable(
                format!("{endpoint} was reached, but PostgreSQL does not answer."),
                "The server may be overloaded; try again, then tell IT.",
            ));
        }
        Ok(Err(error)) => return Err(after_handshake(endpoint, &error, shows_certificate)),
        Ok(Ok(None)) => return Err(not_postgresql(endpoint)),
        Ok(Ok(Some(answer))) => answer,
    };
    if let Err(error) = line.write_all(&TERMINATE).await {
        tracing::trace!(%error, "the server had hung up already");
    }
    match answer {
        (b'R', body) => Ok(Greeting::SignIn { asks_password: body.get(..4) != Some(&[0; 4][..]) }),
        (b'E', body) => {
            let field = |wanted: u8| {
                body.split(|byte| *byte == 0)
                    .find_map(|field| field.split_first().filter(|(code, _)| **code == wanted))
                    .map(|(_, text)| String::from_utf8_lossy(text).into_owned())
                    .unwrap_or_default()
            };
            Ok(Greeting::Refused { sqlstate: field(b'C'), message: field(b'M') })
        }
        _ => Ok(Greeting::SignIn { asks_password: true }),
    }
}

// With TLS 1.3 a server refuses our certificate only after our half of the handshake is done. It then hangs up, and when our
// first words crossed its refusal, the system throws the refusal away.
fn after_handshake(endpoint: &Endpoint, error: &std::io::Error, shows_certificate: bool) -> Refusal {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        Some(rustls::Error::AlertReceived(alert)) => explain_alert(*alert, shows_certificate),
        _ if shows_certificate => Refusal::tls(
            format!("It seems {endpoint} does not accept your client certificate: it hung up on seeing it."),
            "Ask IT for a client certificate of the authority in the server's ssl_ca_file; the server's log says more.",
        ),
        _ => hung_up(endpoint),
    }
}

/// What a refusal by PostgreSQL at sign-in means (SQLSTATEs: PostgreSQL manual, appendix A). `text` is the server's own
/// sentence, used only to tell apart what one SQLSTATE lumps together; it may be in any language.
pub(crate) fn explain_sign_in(connection: &Connection, sqlstate: &str, text: &str, gave_password: bool) -> Refusal {
    let (user, database) = (&connection.user, &connection.database);
    match sqlstate {
        "28P01" if !gave_password => Refusal::new(
            Code::WrongPassword,
            format!("The server asks for the password of {user}, and none is saved."),
            "Type it; Lectern keeps it where this connection says.",
        ),
        "28P01" => Refusal::new(
            Code::WrongPassword,
            format!("The server refused the password of {user}."),
            "Type it again; ask IT if it was changed.",
        ),
        "28000" if text.contains("certificate") => Refusal::tls(
            format!("The server asks for a client certificate of {user}."),
            "Choose the client certificate and key that IT made for this user.",
        ),
        "28000" => Refusal::new(
            Code::NotAllowed,
            format!("The server does not let {user} sign in to {database} from this computer."),
            "Ask IT to look at the server's log and pg_hba.conf: this user, this database, this computer's address, TLS on or off.",
        ),
        "3D000" => Refusal::new(
            Code::NotFound,
            format!("The server has no database named {database}."),
            "Check the spelling; capital letters count.",
        ),
        "42501" => Refusal::new(
            Code::NotAllowed,
            format!("{user} may not connect to {database}."),
            format!("Have IT run: grant lectern_app to \"{user}\"."),
        ),
        "53300" => Refusal::unreachable(
            "The server has no connection left to give.",
            "Try again in a minute; IT can raise max_connections or put PgBouncer in front.",
        ),
        "57P03" => Refusal::unreachable("The server is starting or stopping.", "Try again in a minute."),
        "57P01" | "57P02" => Refusal::unreachable("The server is shutting down.", "Try again in a minute."),
        "55000" => Refusal::new(
            Code::NotAllowed,
            format!("{database} takes no connections at present."),
            "Ask IT; somebody may be restoring it.",
        ),
        // PgBouncer has one SQLSTATE for everything and speaks English only.
        "08P01" if text.contains("no such database") || text.contains("database does not exist") => Refusal::new(
            Code::NotFound,
            format!("PgBouncer knows no database named {database}."),
            "Check the spelling, or have IT add it to the [databases] of pgbouncer.ini.",
        ),
        "08P01" if text.contains("password authentication failed") || text.contains("no such user") => Refusal::new(
            Code::WrongPassword,
            format!("PgBouncer refused {user}."),
            "Type the password again; IT may have to add the user to auth_file or auth_query.",
        ),
        "08P01" if text.contains("startup parameter") => Refusal::new(
            Code::NotAllowed,
            "PgBouncer refuses a setting that Lectern asks for at the start.",
            "Have IT set ignore_startup_parameters = extra_float_digits,options in pgbouncer.ini.",
        ),
        _ => Refusal::new(
            Code::Unreachable,
            format!("The server refused the connection of {user} to {database} (SQLSTATE {sqlstate})."),
            "Look up the moment in the server's log.",
        ),
    }
}
