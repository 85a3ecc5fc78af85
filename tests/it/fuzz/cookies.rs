//! What a browser brings back: only what we gave it counts.

use actix_web::cookie::Cookie;
use actix_web::test::TestRequest;
use ponka::http::session_cookie::SessionCookies;
use ponka::http::signature::Signer;
use ponka::http::visitor::{Visitor, VisitorCookies};
use uuid::Uuid;

use super::inputs;

const SECRET: &[u8] = b"a secret of at least 32 bytes...";

#[test]
fn no_changed_cookie_is_somebody_else() {
    let cookies = VisitorCookies::new(SECRET, false);
    let visitor = Visitor { id: Uuid::from_u128(7), before: None, is_new: false };
    let registered = visitor.after_registration();
    let values = [visitor, registered].map(|one| cookies.issue(one).value().to_owned());
    let examples = values.each_ref().map(String::as_bytes);
    for input in inputs(&examples) {
        if let Some(read) = cookies.verify(&input.text()) {
            let known = (read.id, read.before);
            assert!([(visitor.id, None), (registered.id, registered.before)].contains(&known));
        }
    }
}

#[test]
fn no_changed_signature_is_ours() {
    let signer = Signer::new(SECRET, "fuzz");
    let values = ["", "a", "a.b", "\u{e9}"].map(|value| signer.sign(value));
    let examples = values.each_ref().map(String::as_bytes);
    for input in inputs(&examples) {
        let text = input.text();
        if let Some(value) = signer.verify(&text) {
            assert!(values.contains(&signer.sign(value)), "{text}");
        }
    }
}

#[test]
fn any_header_of_cookies_is_read_without_harm() {
    let cookies = SessionCookies::new(SECRET, false);
    let nobody = TestRequest::get().to_http_request();
    let device = cookies.issue_device(&nobody, "vera");
    let token = "ab".repeat(32);
    let header = format!("session={token}; {}={}; a=\"b\"; c", device.name(), device.value());
    for input in inputs(&[header.as_bytes(), b"session=", b"session=%00; session=x"]) {
        let Ok(value) = actix_web::http::header::HeaderValue::from_bytes(&input) else { continue };
        let request = TestRequest::get().insert_header(("cookie", value)).to_http_request();
        if let Some(token) = cookies.read(&request) {
            assert_eq!(token.hash().len(), 64);
        }
        let known = cookies.known_device(&request, "vera");
        assert!(known.is_none_or(|known| device.value().starts_with(&known)));
        assert_eq!(cookies.known_device(&request, "eve"), None);
    }
    let unsigned =
        TestRequest::get().cookie(Cookie::new("ponka_device", "vera-1")).to_http_request();
    assert_eq!(cookies.known_device(&unsigned, "vera"), None);
}
