//! Passwords: which are taken, and how they are hashed and checked.

mod strength;
mod turns;

use std::sync::Arc;

use anyhow::Context as _;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _, phc};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::runtime::{Builder, Runtime};

pub use self::strength::{LONGEST, SHORTEST, WeakPassword};
pub use self::turns::TooBusy;

use self::strength::{check_commonness, check_length};
use self::turns::Turns;
use crate::config::Secret;
use crate::entity::PasswordHash;

/// Memory of one hash in KiB, passes and lanes: the first choice of OWASP's password storage cheat
/// sheet for argon2id.
const COST: (u32, u32, u32) = (19 * 1024, 2, 1);

/// Hashes and checks passwords, a few at a time, on threads of its own: those that others wait for
/// stay free. Cheap to clone.
#[derive(Clone)]
pub struct Passwords(Arc<Inner>);

struct Inner {
    turns: Turns,
    /// `None` only while it is being dropped.
    threads: Option<Runtime>,
    /// Stands for the hash of an account that does not exist: to check a password against it takes
    /// as long as against a real one.
    nobody: PasswordHash,
}

impl Passwords {
    /// Ready to work.
    ///
    /// # Errors
    /// When the system has no randomness or no threads.
    pub fn new() -> anyhow::Result<Self> {
        let mut threads = Builder::new_current_thread();
        threads.max_blocking_threads(turns::AT_ONCE).thread_name("passwords");
        let threads = Some(threads.build().context("could not start threads")?);
        Ok(Self(Arc::new(Inner { turns: Turns::new(), threads, nobody: hash_now("nobody")? })))
    }

    /// Whether this client may use a new password; `Err` inside says why not. Any characters are fine.
    ///
    /// # Errors
    /// [`TooBusy`].
    pub async fn check(
        &self,
        client: &str,
        password: Secret,
        known_words: Vec<String>,
    ) -> anyhow::Result<Result<(), WeakPassword>> {
        if let Err(weak) = check_length(&password) {
            return Ok(Err(weak));
        }
        self.work(client, move || check_commonness(&password, &known_words)).await
    }

    /// Hashes a password for this client.
    ///
    /// # Errors
    /// [`TooBusy`], or when the system has no randomness.
    pub async fn hash(&self, client: &str, password: Secret) -> anyhow::Result<PasswordHash> {
        self.work(client, move || hash_now(password.expose())).await?
    }

    /// Whether this password belongs to this hash, for this client. Without a hash the answer is no,
    /// after as much work as with one.
    ///
    /// # Errors
    /// [`TooBusy`], or when the hash in the database is none.
    pub async fn verify(
        &self,
        client: &str,
        password: Secret,
        hash: Option<PasswordHash>,
    ) -> anyhow::Result<bool> {
        let (exists, nobody) = (hash.is_some(), self.0.nobody.clone());
        self.work(client, move || {
            let hash = hash.unwrap_or(nobody);
            let parsed = phc::PasswordHash::new(hash.expose())
                .map_err(|error| anyhow::anyhow!("a password hash is broken: {error}"))?;
            let is_right = argon2()?.verify_password(password.expose().as_bytes(), &parsed).is_ok();
            Ok(is_right && exists)
        })
        .await?
    }

    async fn work<T: Send + 'static>(
        &self,
        client: &str,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> anyhow::Result<T> {
        let turn = self.0.turns.take(client).await?;
        let threads = self.0.threads.as_ref().context("passwords are no longer hashed")?;
        let worked = threads.spawn_blocking(move || {
            // Whoever has gone away keeps the place as long as the work goes on.
            let _turn = turn;
            work()
        });
        worked.await.context("hashing a password was interrupted")
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        // Waiting for the threads here would block whoever drops it.
        if let Some(threads) = self.threads.take() {
            threads.shutdown_background();
        }
    }
}

fn hash_now(password: &str) -> anyhow::Result<PasswordHash> {
    let hash = argon2()?.hash_password(password.as_bytes());
    let hash = hash.map_err(|error| anyhow::anyhow!("could not hash a password: {error}"))?;
    Ok(PasswordHash::new(hash.to_string()))
}

fn argon2() -> anyhow::Result<Argon2<'static>> {
    let (memory, passes, lanes) = COST;
    let params = Params::new(memory, passes, lanes, None)
        .map_err(|error| anyhow::anyhow!("the cost of a password hash is wrong: {error}"))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_fits_its_hash_and_nobodys_fits_none() {
        let passwords = Passwords::new().unwrap();
        let hash = passwords.hash("vera", Secret::new("correct horse battery")).await.unwrap();
        assert!(hash.expose().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert_eq!(format!("{hash:?}"), "***");
        for (password, hash, fits) in [
            ("correct horse battery", Some(hash.clone()), true),
            ("correct horse", Some(hash), false),
            ("nobody", None, false),
        ] {
            assert_eq!(passwords.verify("vera", Secret::new(password), hash).await.unwrap(), fits);
        }
        let broken = Some(PasswordHash::new("plain text"));
        assert!(passwords.verify("vera", Secret::new("x"), broken).await.is_err());
    }
}
