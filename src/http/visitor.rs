//! Who a visitor without an account is: a random number in a signed cookie.

use std::future::{Ready, ready};
use std::str::FromStr;

use actix_web::body::MessageBody;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::{Error, FromRequest, HttpMessage, HttpRequest, web};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use uuid::Uuid;

/// The name of the cookie.
pub const COOKIE: &str = "ponka_visitor";

/// Keeps this signature apart from others that are made with the same secret.
const PURPOSE: &[u8] = b"ponka_visitor\0";

const ONE_YEAR: Duration = Duration::days(365);

/// Signs and checks the visitor cookie. Put it into the application as [`web::Data`].
#[derive(Clone)]
pub struct VisitorCookies {
    mac: Hmac<Sha256>,
    secure: bool,
}

impl VisitorCookies {
    /// `app_secret` signs; `secure` keeps the cookie on HTTPS (when `DEFAULT_URI` is `https`).
    #[must_use]
    pub fn new(app_secret: &[u8], secure: bool) -> Self {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(app_secret).expect("HMAC takes keys of every length");
        mac.update(PURPOSE);
        Self { mac, secure }
    }

    /// The cookie for a visitor.
    #[must_use]
    pub fn issue(&self, id: Uuid) -> Cookie<'static> {
        let signature = self.mac.clone().chain_update(id.as_bytes()).finalize().into_bytes();
        let value = format!("{}.{}", id.simple(), hex::encode(signature));
        Cookie::build(COOKIE, value)
            .path("/")
            .http_only(true)
            .same_site(SameSite::Lax)
            .secure(self.secure)
            .max_age(ONE_YEAR)
            .finish()
    }

    /// The visitor that a cookie value names, if the signature is ours (compared in constant time).
    #[must_use]
    pub fn verify(&self, value: &str) -> Option<Uuid> {
        let (id, signature) = value.split_once('.')?;
        let id = Uuid::from_str(id).ok()?;
        let signature = hex::decode(signature).ok()?;
        self.mac.clone().chain_update(id.as_bytes()).verify_slice(&signature).ok()?;
        Some(id)
    }
}

/// The visitor of this request. Without a cookie, or with one that is not ours, somebody new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Visitor {
    /// Random, and the same at every visit with the same cookie.
    pub id: Uuid,
    /// Whether the cookie is only being set by this answer.
    pub is_new: bool,
}

impl Visitor {
    fn of(request: &HttpRequest) -> Self {
        if let Some(visitor) = request.extensions().get::<Self>() {
            return *visitor;
        }
        let cookies = request.app_data::<web::Data<VisitorCookies>>();
        let known = cookies
            .zip(request.cookie(COOKIE))
            .and_then(|(cookies, cookie)| cookies.verify(cookie.value()));
        let visitor = match known {
            Some(id) => Self { id, is_new: false },
            None => Self { id: Uuid::new_v4(), is_new: true },
        };
        request.extensions_mut().insert(visitor);
        visitor
    }
}

impl FromRequest for Visitor {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::of(request)))
    }
}

/// Middleware for [`actix_web::middleware::from_fn`]: sets the cookie if a handler met a new visitor.
///
/// # Errors
/// Only what the inner service returns.
pub async fn remember_visitor<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let mut response = next.call(request).await?;
    let met = response.request().extensions().get::<Visitor>().copied();
    let cookies = response.request().app_data::<web::Data<VisitorCookies>>().cloned();
    if let (Some(Visitor { id, is_new: true }), Some(cookies)) = (met, cookies) {
        response.response_mut().add_cookie(&cookies.issue(id))?;
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use actix_web::App;
    use actix_web::middleware::from_fn;
    use actix_web::test::{TestRequest, call_service, init_service};

    use super::*;

    fn cookies() -> VisitorCookies {
        VisitorCookies::new(b"a secret of at least 32 bytes...", false)
    }

    #[test]
    fn a_cookie_reads_back_and_a_forged_one_does_not() {
        let id = Uuid::new_v4();
        let value = cookies().issue(id).value().to_owned();
        assert_eq!(cookies().verify(&value), Some(id));

        let other = VisitorCookies::new(b"another secret of 32 bytes......", false);
        let signature = value.split_once('.').unwrap().1;
        for forged in [
            String::new(),
            ".".to_owned(),
            id.to_string(),
            format!("{}.", id.simple()),
            format!("{}.zz", id.simple()),
            format!("{}.{signature}", Uuid::new_v4().simple()),
            format!("{}.{}", id.simple(), &signature[..62]),
            other.issue(id).value().to_owned(),
            "é".repeat(5000),
        ] {
            assert_eq!(cookies().verify(&forged), None, "{forged}");
        }
    }

    #[test]
    fn the_cookie_is_hidden_from_scripts_and_from_other_sites() {
        let plain = cookies().issue(Uuid::nil()).to_string();
        assert!(plain.contains("HttpOnly; SameSite=Lax; Path=/; Max-Age=31536000"), "{plain}");
        assert!(!plain.contains("Secure"));
        let secure = VisitorCookies::new(b"x", true).issue(Uuid::nil()).to_string();
        assert!(secure.contains("; Secure"), "{secure}");
    }

    #[actix_web::test]
    async fn a_visitor_is_new_once() {
        async fn who(visitor: Visitor) -> String {
            format!("{} {}", visitor.id, visitor.is_new)
        }
        let app = App::new()
            .app_data(web::Data::new(cookies()))
            .wrap(from_fn(remember_visitor))
            .route("/", web::get().to(who))
            .route("/health", web::get().to(|| async { "ok" }));
        let app = init_service(app).await;

        let first = call_service(&app, TestRequest::get().to_request()).await;
        let cookie = first.response().cookies().next().unwrap().into_owned();
        let first = actix_web::test::read_body(first).await;

        let again = TestRequest::get().cookie(cookie).to_request();
        let again = call_service(&app, again).await;
        assert_eq!(again.response().cookies().count(), 0);
        let again = actix_web::test::read_body(again).await;
        assert_eq!(first.strip_suffix(b"true"), again.strip_suffix(b"false"));

        let garbled = TestRequest::get().cookie(Cookie::new(COOKIE, "%00garbled")).to_request();
        let garbled = call_service(&app, garbled).await;
        assert!(garbled.status().is_success());
        assert_eq!(garbled.response().cookies().count(), 1);

        let unconcerned = TestRequest::get().uri("/health").to_request();
        assert_eq!(call_service(&app, unconcerned).await.response().cookies().count(), 0);
    }
}
