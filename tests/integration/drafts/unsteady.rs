//! A line to the server that breaks: in the middle of an answer, and right around a commit, so nobody knows whether it was
//! done.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU32, Ordering},
};

use lectern::database::Database;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use sqlx::postgres::PgPoolOptions;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::connections::servers::parts;

/// The end of the message a client commits with.
const COMMIT: &[u8] = b"COMMIT\0";

pub struct UnsteadyLine {
    pub broken: Broken,
    url: String,
    accepting: tokio::task::JoinHandle<()>,
}

/// How often a line broke: in an answer, before a commit reached the server, and after the server had committed.
#[derive(Clone, Default)]
pub struct Broken {
    pub is_over: Arc<AtomicBool>,
    pub in_answers: Arc<AtomicU32>,
    pub before_commits: Arc<AtomicU32>,
    pub after_commits: Arc<AtomicU32>,
}

impl Drop for UnsteadyLine {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl UnsteadyLine {
    pub async fn to(app_url: &str, seed: u64) -> Self {
        let (user, password, port, database) = parts(app_url);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let own = listener.local_addr().unwrap().port();
        let broken = Broken::default();
        let counted = broken.clone();
        let accepting = tokio::spawn(async move {
            for number in 0.. {
                let Ok((client, _)) = listener.accept().await else { return };
                let random = StdRng::seed_from_u64(seed * 10_000 + number);
                tokio::spawn(carry(client, port, random, counted.clone()));
            }
        });
        Self {
            broken,
            url: format!("postgres://{user}:{password}@127.0.0.1:{own}/{database}?sslmode=disable"),
            accepting,
        }
    }

    /// What a desk has: a small pool.
    pub fn door(&self) -> Database {
        Database::new(PgPoolOptions::new().max_connections(2).connect_lazy(&self.url).unwrap())
    }
}

/// Carries one connection until it breaks.
async fn carry(mut client: TcpStream, port: u16, mut random: StdRng, broken: Broken) {
    let Ok(mut server) = TcpStream::connect(("127.0.0.1", port)).await else { return };
    let (mut asked, mut answered) = (vec![0; 16_384], vec![0; 16_384]);
    // Enough to come in, then sooner or later not enough.
    let mut left = random.random_range(3_000..120_000);
    loop {
        tokio::select! {
            read = client.read(&mut asked) => {
                let Ok(1..) = read else { return };
                let message = &asked[..read.unwrap_or_default()];
                let breaks = message.ends_with(COMMIT) && !broken.is_over.load(Ordering::Relaxed);
                match if breaks { random.random_range(0..100) } else { 100 } {
                    0..10 => {
                        broken.before_commits.fetch_add(1, Ordering::Relaxed);
                        return;
                    }
                    10..25 => {
                        let _ = server.write_all(message).await;
                        // The answer tells that it was done; nobody hears it.
                        if let Ok(1..) = server.read(&mut answered).await {
                            broken.after_commits.fetch_add(1, Ordering::Relaxed);
                        }
                        return;
                    }
                    25..40 => {
                        // A line that stalls for a moment, while others go on.
                        tokio::time::sleep(std::time::Duration::from_millis(random.random_range(1..30))).await;
                    }
                    _ => {}
                }
                if server.write_all(message).await.is_err() {
                    return;
                }
            }
            read = server.read(&mut answered) => {
                let Ok(length @ 1..) = read else { return };
                if length > left && !broken.is_over.load(Ordering::Relaxed) {
                    let _ = client.write_all(&answered[..left]).await;
                    broken.in_answers.fetch_add(1, Ordering::Relaxed);
                    return;
                }
                left = left.saturating_sub(length);
                if client.write_all(&answered[..length]).await.is_err() {
                    return;
                }
            }
        }
    }
}
