//! Passwords: which are taken, and how they are hashed and checked.

use std::sync::Arc;

use anyhow::Context as _;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _, phc};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

use crate::config::Secret;
use crate::entity::PasswordHash;

/// How short a password may be, in characters.
pub const SHORTEST: usize = 8;
/// How long a password may be, in characters.
pub const LONGEST: usize = 256;

/// Memory of one hash in KiB, passes and lanes: the first choice of OWASP's password storage cheat
/// sheet for argon2id.
const COST: (u32, u32, u32) = (19 * 1024, 2, 1);
/// So many hashes at once: each takes 19 MiB and a core.
const AT_ONCE: usize = 4;
/// So many may wait for their turn: more than that is a flood.
const WAITING: usize = 256;
/// A password that is found with so few guesses is among the most common ones.
const COMMON: u64 = 10_000;
/// No common password is longer, and looking takes longer the longer the text is.
const LOOKED_AT: usize = 64;

/// Why a password is not taken, as a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    /// Too few characters.
    #[error("Choose a password of at least 8 characters. Longer is better.")]
    TooShort,
    /// Too many.
    #[error("Choose a password of at most 256 characters.")]
    TooLong,
    /// One of those that everybody tries first.
    #[error("Many people use that password, so it is easy to guess. Choose another one.")]
    Common,
}

/// So many are at work already that nobody would wait for one more.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("too many passwords are being hashed")]
pub struct TooBusy;

/// Hashes and checks passwords, a few at a time. Cheap to clone.
#[derive(Clone)]
pub struct Passwords(Arc<Inner>);

struct Inner {
    at_work: Semaphore,
    waiting: Semaphore,
    /// Stands for the hash of an account that does not exist: to check a password against it takes
    /// as long as against a real one.
    nobody: PasswordHash,
}

/// Words that are known of the person are guessed first.
fn check_strength(password: &Secret, known_words: &[&str]) -> Result<(), WeakPassword> {
    let password = password.expose();
    match password.chars().count() {
        ..SHORTEST => return Err(WeakPassword::TooShort),
        SHORTEST..=LONGEST => {}
        _ => return Err(WeakPassword::TooLong),
    }
    if password.chars().count() > LOOKED_AT {
        return Ok(());
    }
    let guesses = zxcvbn::zxcvbn(password, known_words).guesses();
    if guesses < COMMON { Err(WeakPassword::Common) } else { Ok(()) }
}

impl Passwords {
    /// Ready to work.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn new() -> anyhow::Result<Self> {
        let (at_work, waiting) = (Semaphore::new(AT_ONCE), Semaphore::new(WAITING));
        Ok(Self(Arc::new(Inner { at_work, waiting, nobody: hash_now("nobody")? })))
    }

    /// Whether a new password may be used. Any characters are fine.
    ///
    /// # Errors
    /// Why not.
    pub async fn check(
        &self,
        password: Secret,
        known_words: Vec<String>,
    ) -> Result<(), WeakPassword> {
        let checked = tokio::task::spawn_blocking(move || {
            let known_words: Vec<&str> = known_words.iter().map(String::as_str).collect();
            check_strength(&password, &known_words)
        });
        // Only a shutdown keeps it from being looked at.
        checked.await.unwrap_or(Ok(()))
    }

    /// Hashes a password.
    ///
    /// # Errors
    /// [`TooBusy`], or when the system has no randomness.
    pub async fn hash(&self, password: Secret) -> anyhow::Result<PasswordHash> {
        self.work(move || hash_now(password.expose())).await?
    }

    /// Whether this password belongs to this hash. Without a hash the answer is no, after as much
    /// work as with one.
    ///
    /// # Errors
    /// [`TooBusy`], or when the hash in the database is none.
    pub async fn verify(
        &self,
        password: Secret,
        hash: Option<PasswordHash>,
    ) -> anyhow::Result<bool> {
        let (exists, nobody) = (hash.is_some(), self.0.nobody.clone());
        self.work(move || {
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
        work: impl FnOnce() -> T + Send + 'static,
    ) -> anyhow::Result<T> {
        let _waiting = self.0.waiting.try_acquire().map_err(|_full| TooBusy)?;
        let _at_work = self.0.at_work.acquire().await?;
        tokio::task::spawn_blocking(work).await.context("hashing a password was interrupted")
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

    fn check(password: &str) -> Result<(), WeakPassword> {
        check_strength(&Secret::new(password), &["vera@example.com", "Vera"])
    }

    #[test]
    fn any_characters_are_fine_but_not_few_and_not_everybodys() {
        assert_eq!(check("1234567"), Err(WeakPassword::TooShort));
        assert_eq!(check(&"x".repeat(257)), Err(WeakPassword::TooLong));
        for common in ["password", "12345678", "iloveyou", "qwertyuiop", "Password1"] {
            assert_eq!(check(common), Err(WeakPassword::Common), "{common}");
        }
        assert_eq!(check("vera@example.com"), Err(WeakPassword::Common));
        for good in ["correct horse battery", "ça va très bien 🐱", &"9f$ ".repeat(64)] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
    }

    #[tokio::test]
    async fn a_password_fits_its_hash_and_nobodys_fits_none() {
        let passwords = Passwords::new().unwrap();
        let hash = passwords.hash(Secret::new("correct horse battery")).await.unwrap();
        assert!(hash.expose().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert_eq!(format!("{hash:?}"), "***");
        for (password, hash, fits) in [
            ("correct horse battery", Some(hash.clone()), true),
            ("correct horse", Some(hash), false),
            ("nobody", None, false),
        ] {
            assert_eq!(passwords.verify(Secret::new(password), hash).await.unwrap(), fits);
        }
        let broken = Some(PasswordHash::new("plain text"));
        assert!(passwords.verify(Secret::new("x"), broken).await.is_err());
    }
}
