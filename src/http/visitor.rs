//! Who a visitor without an account is: a random number in a signed cookie.

use std::future::{Ready, ready};
use std::str::FromStr;

use actix_web::body::MessageBody;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::{Error, FromRequest, HttpMessage, HttpRequest, web};
use uuid::Uuid;

use super::signature::Signer;

/// The name of the cookie, on plain HTTP.
pub const COOKIE: &str = "ponka_visitor";

const ONE_YEAR: Duration = Duration::days(365);

/// Signs and checks the visitor cookie. Put it into the application as [`web::Data`].
#[derive(Clone)]
pub struct VisitorCookies {
    signer: Signer,
    secure: bool,
}

impl VisitorCookies {
    /// `app_secret` signs; `secure` keeps the cookie on HTTPS (when `DEFAULT_URI` is `https`).
    #[must_use]
    pub fn new(app_secret: &[u8], secure: bool) -> Self {
        Self { signer: Signer::new(app_secret, COOKIE), secure }
    }

    /// The cookie for a visitor.
    #[must_use]
    pub fn issue(&self, visitor: Visitor) -> Cookie<'static> {
        let mut value = visitor.id.simple().to_string();
        if let Some(before) = visitor.before {
            value = format!("{value}-{}", before.simple());
        }
        Cookie::build(self.name(), self.signer.sign(&value))
            .path("/")
            .http_only(true)
            .same_site(SameSite::Lax)
            .secure(self.secure)
            .max_age(ONE_YEAR)
            .finish()
    }

    /// The visitor that a cookie value names, if the signature is ours.
    #[must_use]
    pub fn verify(&self, value: &str) -> Option<Visitor> {
        let value = self.signer.verify(value)?;
        let (id, before) = match value.split_once('-') {
            Some((id, before)) => (id, Some(Uuid::from_str(before).ok()?)),
            None => (value, None),
        };
        Some(Visitor { id: Uuid::from_str(id).ok()?, before, is_new: false })
    }

    /// The visitor of a request, if there is a cookie of ours.
    #[must_use]
    pub fn read(&self, request: &HttpRequest) -> Option<Visitor> {
        self.verify(request.cookie(self.name())?.value())
    }

    /// No other host, a subdomain for example, can set a cookie with this prefix.
    const fn name(&self) -> &'static str {
        if self.secure { "__Host-ponka_visitor" } else { COOKIE }
    }
}

/// The visitor of this request. Without a cookie, or with one that is not ours, somebody new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Visitor {
    /// Random, and the same at every visit with the same cookie.
    pub id: Uuid,
    /// Who the visitor was before a registration: those photos wait for whoever signs in here.
    pub before: Option<Uuid>,
    /// Whether the cookie is only being set by this answer.
    pub is_new: bool,
}

impl Visitor {
    fn of(request: &HttpRequest) -> Self {
        if let Some(visitor) = request.extensions().get::<Self>() {
            return *visitor;
        }
        let cookies = request.app_data::<web::Data<VisitorCookies>>();
        let known = cookies.and_then(|cookies| cookies.read(request));
        let visitor = known.unwrap_or_else(Self::somebody_new);
        request.extensions_mut().insert(visitor);
        visitor
    }

    fn somebody_new() -> Self {
        Self { id: Uuid::new_v4(), before: None, is_new: true }
    }

    /// The same person after a registration, whatever came of it: a gallery that is empty either
    /// way does not tell whether the address was known. The photos wait for whoever signs in.
    #[must_use]
    pub fn after_registration(self) -> Self {
        Self { before: Some(self.id), ..Self::somebody_new() }
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
    if let (Some(visitor @ Visitor { is_new: true, .. }), Some(cookies)) = (met, cookies) {
        response.response_mut().add_cookie(&cookies.issue(visitor))?;
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
        let visitor = Visitor { id, before: None, is_new: false };
        let value = cookies().issue(visitor).value().to_owned();
        assert_eq!(cookies().verify(&value), Some(visitor));
        let registered = visitor.after_registration();
        let read_back = cookies().verify(cookies().issue(registered).value());
        assert_eq!(read_back, Some(Visitor { is_new: false, ..registered }));
        assert!(registered.before == Some(id) && registered.id != id);

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
            other.issue(visitor).value().to_owned(),
            "é".repeat(5000),
        ] {
            assert_eq!(cookies().verify(&forged), None, "{forged}");
        }
    }

    #[test]
    fn the_cookie_is_hidden_from_scripts_and_from_other_sites() {
        let visitor = Visitor { id: Uuid::nil(), before: None, is_new: true };
        let plain = cookies().issue(visitor).to_string();
        assert!(plain.contains("HttpOnly; SameSite=Lax; Path=/; Max-Age=31536000"), "{plain}");
        assert!(!plain.contains("Secure"));
        let secure = VisitorCookies::new(b"x", true).issue(visitor).to_string();
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
