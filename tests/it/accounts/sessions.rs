//! Sessions: when they begin, and what ends them.

use std::time::Duration;

use super::{PASSWORD, is_signed_in, sign_in, vera};
use crate::support::{TestApp, TestDatabase, on_both_databases};

on_both_databases![
    sec_08_every_change_of_privilege_makes_a_new_token,
    sec_08_a_session_ends_when_it_rests_or_is_old,
    sec_08_signing_out_everywhere_ends_every_session,
];

const COOKIE: &str = "session";

async fn sec_08_every_change_of_privilege_makes_a_new_token(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let visitor = app.visitor();
    // A token that somebody planted is worth nothing, before and after.
    let planted = "0".repeat(64);
    visitor.set_cookie(COOKIE, Some(&planted));
    visitor.register("Vera", "vera@example.com", PASSWORD).await;
    let answer = visitor.sign_in("vera@example.com", PASSWORD).await;
    let cookie = answer.all("set-cookie").find(|cookie| cookie.starts_with("session=")).unwrap();
    assert!(cookie.ends_with("; HttpOnly; SameSite=Lax; Path=/"), "{cookie}");
    let first = visitor.cookie(COOKIE).unwrap();
    assert!(first != planted && first.len() == 64);
    let stored = app.database.values("SELECT token_hash AS value FROM session");
    assert!(stored.len() == 1 && stored[0] != first, "the database has the hash only");

    sign_in(&visitor, "vera@example.com", PASSWORD).await;
    let second = visitor.cookie(COOKIE).unwrap();
    assert_ne!(first, second);
    for (token, is_alive) in [(&planted, false), (&first, false), (&second, true)] {
        let other = app.visitor();
        other.set_cookie(COOKIE, Some(token));
        assert_eq!(is_signed_in(&other).await, is_alive);
    }

    let answer = visitor.post("/logout", &[]).await;
    assert_eq!((answer.status, answer.header("location")), (303, Some("/")));
    assert_eq!(visitor.cookie(COOKIE), None);
    visitor.set_cookie(COOKIE, Some(&second));
    assert!(!is_signed_in(&visitor).await, "signing out ends the session, not only the cookie");
}

async fn sec_08_a_session_ends_when_it_rests_or_is_old(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let minutes = |minutes: u64| app.clock.advance(Duration::from_secs(60 * minutes));
    let visitor = vera(&app).await;
    minutes(29);
    assert!(is_signed_in(&visitor).await);
    minutes(29);
    assert!(is_signed_in(&visitor).await, "using it keeps it alive");
    minutes(31);
    assert!(!is_signed_in(&visitor).await);

    sign_in(&visitor, "vera@example.com", PASSWORD).await;
    assert_eq!(app.database.count("session"), 1, "what has ended is removed");
    for _ in 0..24 {
        assert!(is_signed_in(&visitor).await);
        minutes(29);
    }
    minutes(25);
    assert!(!is_signed_in(&visitor).await, "twelve hours are enough, however busy");
}

async fn sec_08_signing_out_everywhere_ends_every_session(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (desk, phone) = (vera(&app).await, app.visitor());
    sign_in(&phone, "vera@example.com", PASSWORD).await;
    let eve = super::somebody(&app, "Eve", "eve@example.com").await;
    assert_eq!(desk.post("/account/sign-out-everywhere", &[]).await.status, 303);
    assert!(!is_signed_in(&desk).await && !is_signed_in(&phone).await);
    assert!(is_signed_in(&eve).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn sec_08_over_https_the_cookie_is_bound_to_the_host() {
    let app = TestApp::builder(TestDatabase::sqlite()).var("DEFAULT_URI", "https://ponka.example");
    let app = app.start().await;
    let visitor = app.visitor();
    visitor.register("Vera", "vera@example.com", PASSWORD).await;
    let answer = visitor.sign_in("vera@example.com", PASSWORD).await;
    let cookies: Vec<&str> = answer.all("set-cookie").collect();
    assert!(cookies.iter().all(|cookie| cookie.contains("Secure")), "{cookies:?}");
    let session = cookies.iter().find(|cookie| cookie.starts_with("__Host-session=")).unwrap();
    assert!(session.contains("Path=/") && !session.contains("Domain"), "{session}");
    assert!(is_signed_in(&visitor).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_for_those_with_an_account_ask_others_to_sign_in() {
    let app = TestApp::start(TestDatabase::sqlite()).await;
    let visitor = app.visitor();
    for path in ["name", "password", "sign-out-everywhere", "delete"] {
        let answer = visitor.post(&format!("/account/{path}"), &[("name", "x")]).await;
        assert_eq!(answer.header("location"), Some("/login?next=/account"), "{path}");
    }
    assert_eq!(visitor.get("/logout").await.status, 405, "a link signs nobody out");
    let vera = vera(&app).await;
    assert_eq!(vera.get("/login").await.header("location"), Some("/"));
    assert_eq!(vera.get("/register").await.header("location"), Some("/account"));
    let home = vera.get("/").await.text();
    assert!(home.contains(">Vera Example</a>") && home.contains("action=\"/logout\""), "{home}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_away_signs_nobody_out() {
    let app = TestApp::start(TestDatabase::sqlite()).await;
    let visitor = vera(&app).await;
    app.database.execute("ALTER TABLE session RENAME TO gone");
    let answer = visitor.get("/").await;
    assert!(answer.status >= 500, "not the empty gallery of a stranger");
    assert_eq!(answer.header("set-cookie"), None);
    app.database.execute("ALTER TABLE gone RENAME TO session");
    assert!(is_signed_in(&visitor).await);
}
