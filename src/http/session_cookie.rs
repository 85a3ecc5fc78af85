//! The cookies of somebody who has an account: who is signed in here, and who once was.

use std::fmt;

use actix_web::HttpRequest;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::signature::Signer;

/// The cookie that remembers that an account was used on this browser.
const DEVICE: &str = "ponka_device";
const ONE_YEAR: Duration = Duration::days(365);
/// 256 bits that nobody can guess.
const TOKEN_BYTES: usize = 32;

/// What names a session. Only the browser has it; the database has its hash.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionToken(String);

/// Issues and reads these cookies.
#[derive(Clone)]
pub struct SessionCookies {
    devices: Signer,
    secure: bool,
}

impl SessionToken {
    /// A new one.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn random() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; TOKEN_BYTES];
        getrandom::fill(&mut bytes)?;
        Ok(Self(hex::encode(bytes)))
    }

    /// SHA-256 of it, in hexadecimal digits. A slow hash is not needed: nobody can try all tokens.
    #[must_use]
    pub fn hash(&self) -> String {
        hex::encode(Sha256::digest(self.0.as_bytes()))
    }
}

impl fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl SessionCookies {
    /// `app_secret` signs; `secure` keeps the cookies on HTTPS (when `DEFAULT_URI` is `https`).
    #[must_use]
    pub fn new(app_secret: &[u8], secure: bool) -> Self {
        Self { devices: Signer::new(app_secret, DEVICE), secure }
    }

    /// The name of the session's cookie. Browsers take the prefix as an order: this host, the whole
    /// of it, and only over HTTPS.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        if self.secure { "__Host-session" } else { "session" }
    }

    /// Has the browser keep a session, until it is closed.
    #[must_use]
    pub fn issue(&self, token: &SessionToken) -> Cookie<'static> {
        self.cookie(self.name(), token.0.clone())
    }

    /// Has the browser forget its session.
    #[must_use]
    pub fn forget(&self) -> Cookie<'static> {
        let mut cookie = self.cookie(self.name(), String::new());
        cookie.set_max_age(Duration::ZERO);
        cookie
    }

    /// The token that a request came with.
    #[must_use]
    pub fn read(&self, request: &HttpRequest) -> Option<SessionToken> {
        let cookie = request.cookie(self.name())?;
        let is_token = cookie.value().len() == 2 * TOKEN_BYTES;
        is_token.then(|| SessionToken(cookie.value().to_owned()))
    }

    /// Remembers that this account was used here: guesses made elsewhere then lock nobody out. A
    /// browser that is known already stays the same.
    #[must_use]
    pub fn issue_device(&self, request: &HttpRequest, account: &str) -> Cookie<'static> {
        let new = || format!("{account}-{}", Uuid::new_v4().simple());
        let device = self.known_device(request, account).unwrap_or_else(new);
        let mut cookie = self.cookie(self.device_name(), self.devices.sign(&device));
        cookie.set_max_age(ONE_YEAR);
        cookie
    }

    /// Which browser this is, if the account was used on it before.
    #[must_use]
    pub fn known_device(&self, request: &HttpRequest, account: &str) -> Option<String> {
        let cookie = request.cookie(self.device_name())?;
        let device = self.devices.verify(cookie.value())?;
        (device.rsplit_once('-')?.0 == account).then(|| device.to_owned())
    }

    const fn device_name(&self) -> &'static str {
        if self.secure { "__Host-ponka_device" } else { DEVICE }
    }

    fn cookie(&self, name: &'static str, value: String) -> Cookie<'static> {
        Cookie::build(name, value)
            .path("/")
            .http_only(true)
            .same_site(SameSite::Lax)
            .secure(self.secure)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn over_https_the_cookie_belongs_to_this_host_alone() {
        let token = SessionToken::random().unwrap();
        let cookies = SessionCookies::new(b"secret", true);
        let cookie = cookies.issue(&token).to_string();
        let expected =
            format!("__Host-session={}; HttpOnly; SameSite=Lax; Secure; Path=/", token.0);
        assert_eq!(cookie, expected);
        assert!(cookies.forget().to_string().contains("Max-Age=0"));
        let plain = SessionCookies::new(b"secret", false).issue(&token).to_string();
        assert!(plain.starts_with("session=") && !plain.contains("Secure"));
    }

    #[test]
    fn a_token_is_long_random_and_not_what_the_database_has() {
        let (one, other) = (SessionToken::random().unwrap(), SessionToken::random().unwrap());
        assert!(one.0.len() == 64 && one != other && one.hash() != one.0);
        assert_eq!(format!("{one:?}"), "***");
    }

    #[test]
    fn a_device_is_known_for_its_account_only() {
        let cookies = SessionCookies::new(b"secret", false);
        let nobody = TestRequest::get().to_http_request();
        let cookie = cookies.issue_device(&nobody, "vera");
        let request = TestRequest::get().cookie(cookie.clone()).to_http_request();
        let device = cookies.known_device(&request, "vera");
        assert!(device.is_some() && cookies.known_device(&request, "eve").is_none());
        assert_eq!(cookies.issue_device(&request, "vera"), cookie, "it stays the same");
        assert_ne!(cookies.issue_device(&nobody, "vera"), cookie, "another browser is another");
        let forged = Cookie::new(DEVICE, "vera-1.00");
        let request = TestRequest::get().cookie(forged).to_http_request();
        assert_eq!(cookies.known_device(&request, "vera"), None);
    }
}
