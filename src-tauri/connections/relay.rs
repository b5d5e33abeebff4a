//! Carries sqlx's connections over lines of our own. sqlx takes neither a verifier (so no exact certificate can be
//! trusted), nor a list of hosts, nor watches over a line that went dead, and it reads trust and keys from `PGSSL…`
//! variables nobody chose. So sqlx speaks to a socket in a directory only this account can enter, and each of its
//! connections is carried from there to the first host that takes it, by the code the connection check uses.

use std::{
    collections::HashSet,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use super::{Connection, Endpoint, Tls, line, refusal::Refusal, tls::Trust};
use crate::error::Code;

const ROUNDS_OF_RECONNECTING: u32 = 6;

/// Which host the connections go to, shared by the carrier and whoever judges the host behind it.
pub(crate) struct Relay {
    connection: Connection,
    endpoints: Vec<Endpoint>,
    trust: Option<Trust>,
    current: AtomicUsize,
    standbys: Mutex<HashSet<usize>>,
    down: Mutex<HashSet<usize>>,
    has_worked: AtomicBool,
    last: Mutex<Option<Refusal>>,
}

/// Where sqlx connects to instead of the server; removed when the last holder lets go.
pub(crate) struct Door {
    pub(crate) relay: Arc<Relay>,
    pub(crate) place: Place,
}

#[cfg(unix)]
pub(crate) struct Place {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) listener: tokio::net::UnixListener,
}

#[cfg(not(unix))]
pub(crate) struct Place {
    pub(crate) listener: tokio::net::TcpListener,
}

/// The port in the name of a relay's socket; nothing listens on the network.
pub(crate) const SOCKET_NUMBER: u16 = 5432;

impl Relay {
    /// Whether a connection needs carrying: any that is encrypted, has several hosts, or leaves this machine.
    pub(crate) fn is_needed(connection: &Connection) -> bool {
        let has_hosts = !connection.fallback_hosts.is_empty();
        // Without Unix sockets other accounts could use the way; they must not be lent a certificate that signs in.
        if cfg!(not(unix)) && connection.client_certificate.is_some() && !has_hosts {
            return false;
        }
        let is_socket = connection.host.starts_with('/');
        has_hosts || (!is_socket && (connection.tls != Tls::Off || !super::is_this_machine(&connection.host)))
    }

    pub(crate) fn open(connection: &Connection) -> Result<Door, Refusal> {
        let relay = Self {
            endpoints: connection.endpoints()?,
            trust: if connection.tls == Tls::Off { None } else { Some(Trust::of(connection)?) },
            connection: connection.clone(),
            current: AtomicUsize::new(0),
            standbys: Mutex::default(),
            down: Mutex::default(),
            has_worked: AtomicBool::new(false),
            last: Mutex::new(None),
        };
        let place = place().map_err(|error| {
            tracing::warn!(%error, "no socket for the relay");
            Refusal::new(
                Code::LocalServer,
                "Lectern could not make the socket it connects through.",
                "Make room in the directory for temporary files, or point TMPDIR to one with a short path.",
            )
        })?;
        Ok(Door { relay: Arc::new(relay), place })
    }

    pub(crate) fn endpoint(&self) -> Option<&Endpoint> {
        self.endpoints.get(self.current.load(Ordering::Relaxed))
    }

    pub(crate) fn hosts(&self) -> usize {
        self.endpoints.len()
    }

    pub(crate) fn has_alternatives(&self) -> bool {
        self.endpoints.len() > 1
    }

    pub(crate) fn last_refusal(&self) -> Option<Refusal> {
        held(&self.last).clone()
    }

    /// The host behind the newest connection only answers. True: another is to be tried.
    pub(crate) fn pass_over_standby(&self) -> bool {
        let down = held(&self.down);
        let mut standbys = held(&self.standbys);
        standbys.insert(self.current.load(Ordering::Relaxed));
        let next = (0..self.endpoints.len()).find(|index| !standbys.contains(index) && !down.contains(index));
        match next {
            Some(index) => self.current.store(index, Ordering::Relaxed),
            // All of them: reading is better than nothing, and a promotion is noticed by the next round.
            None => standbys.clear(),
        }
        next.is_some()
    }

    async fn reach(&self) -> Result<line::Line, Refusal> {
        let mut round = 0;
        loop {
            let mut refused = None;
            let first = self.current.load(Ordering::Relaxed);
            for step in 0..self.endpoints.len() {
                let index = (first + step) % self.endpoints.len();
                let Some(endpoint) = self.endpoints.get(index) else { continue };
                if held(&self.standbys).contains(&index) {
                    continue;
                }
                match line::open(&self.connection, endpoint, self.trust.as_ref()).await {
                    Ok((line, _)) => {
                        self.current.store(index, Ordering::Relaxed);
                        self.has_worked.store(true, Ordering::Relaxed);
                        held(&self.down).remove(&index);
                        return Ok(line);
                    }
                    Err(refusal) => {
                        tracing::info!(connection.host = %endpoint, reason = refusal.message, "a host was not reached");
                        held(&self.down).insert(index);
                        refused.get_or_insert(refusal);
                    }
                }
            }
            // Whoever was a standby may have been promoted because the primary is gone.
            held(&self.standbys).clear();
            round += 1;
            let refused = refused.unwrap_or_else(|| {
                Refusal::unreachable("None of the hosts takes changes.", "Try again; ask IT which host is the primary.")
            });
            // A refused certificate stays refused; a server that restarts comes back. The first time, people wait for a
            // reason, not for a miracle.
            let comes_back = refused.code == Code::Unreachable && self.has_worked.load(Ordering::Relaxed);
            if !comes_back || round >= ROUNDS_OF_RECONNECTING {
                return Err(refused);
            }
            tokio::time::sleep(back_off(round)).await;
        }
    }

    async fn carry(self: Arc<Self>, mut near: impl line::Duplex) {
        match self.reach().await {
            Ok(mut far) => {
                // Either side hanging up is the ordinary end.
                if let Err(error) = tokio::io::copy_bidirectional(&mut near, &mut far).await {
                    tracing::debug!(%error, "a carried connection broke");
                }
            }
            Err(refusal) => *held(&self.last) = Some(refusal),
        }
    }
}

impl Door {
    /// Carries connections until `closed` resolves.
    pub(crate) fn serve(self, closed: impl Future<Output = ()> + Send + 'static) {
        tokio::spawn(async move {
            let Self { relay, place } = self;
            let mut carried = tokio::task::JoinSet::new();
            tokio::pin!(closed);
            loop {
                tokio::select! {
                    () = &mut closed => break,
                    accepted = place.listener.accept() => match accepted {
                        Ok((near, _)) => { carried.spawn(relay.clone().carry(near)); }
                        Err(error) => {
                            tracing::warn!(%error, "the relay's socket failed");
                            break;
                        }
                    },
                    Some(_) = carried.join_next(), if !carried.is_empty() => {}
                }
            }
            // sqlx says goodbye on connections that are still open.
            let goodbye = async { while carried.join_next().await.is_some() {} };
            if tokio::time::timeout(Duration::from_secs(2), goodbye).await.is_err() {
                tracing::debug!("connections were cut");
            }
        });
    }
}

fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

/// 50 ms doubling to 2 s, each shortened by up to half so that 500 desks do not knock at once.
fn back_off(round: u32) -> Duration {
    let full = Duration::from_millis(50).saturating_mul(2u32.saturating_pow(round)).min(Duration::from_secs(2));
    let luck = crate::ids::random::<1>().map_or(128, |byte| byte[0]);
    full.mul_f64(0.5 + f64::from(luck) / 510.0)
}

#[cfg(unix)]
fn place() -> std::io::Result<Place> {
    // tempfile makes directories 0700: nobody else reaches the socket.
    let folder = tempfile::Builder::new().prefix("lectern-").tempdir()?;
    let listener = tokio::net::UnixListener::bind(folder.path().join(format!(".s.PGSQL.{SOCKET_NUMBER}")))?;
    Ok(Place { folder, listener })
}

#[cfg(not(unix))]
fn place() -> std::io::Result<Place> {
    let listener = std::net::TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0))?;
    listener.set_nonblocking(true)?;
    Ok(Place { listener: tokio::net::TcpListener::from_std(listener)? })
}
