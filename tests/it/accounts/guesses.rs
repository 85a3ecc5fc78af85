//! Guessing passwords is slow, and locks nobody out.

use std::time::Duration;

use super::{PASSWORD, sign_in, somebody, vera};
use crate::support::{TestApp, TestDatabase, on_both_databases};

on_both_databases![
    sec_09_the_sixth_guess_has_to_wait_longer_and_longer,
    sec_09_a_known_browser_signs_in_whatever_others_guess,
    sec_09_guesses_at_many_accounts_are_counted_together,
    sec_09_guesses_at_once_do_not_slip_through,
    r8_a_wait_does_not_last_an_hour_longer_when_the_date_goes_back,
];

async fn sec_09_the_sixth_guess_has_to_wait_longer_and_longer(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let eve = somebody(&app, "Eve", "eve@example.com").await;
    vera(&app).await;
    let guesser = app.visitor();
    let guess = async || guesser.sign_in("vera@example.com", "not the password").await;
    for _ in 0..5 {
        assert_eq!(guess().await.status, 422);
    }
    for wait in [60, 120, 240, 480, 900, 900] {
        let answer = guess().await;
        assert_eq!(answer.status, 429);
        assert_eq!(answer.header("retry-after"), Some(wait.to_string().as_str()));
        assert!(answer.text().contains(if wait == 60 { "Wait 60 seconds" } else { "minutes" }));
        app.clock.advance(Duration::from_secs(wait - 1));
        let right = guesser.sign_in("vera@example.com", PASSWORD).await;
        assert_eq!(right.status, 429, "not even the right one is heard");
        app.clock.advance(Duration::from_secs(1));
        assert_eq!(guess().await.status, 422);
    }
    // Somebody else is not concerned.
    sign_in(&eve, "eve@example.com", PASSWORD).await;
    app.clock.advance(Duration::from_secs(900));
    sign_in(&guesser, "vera@example.com", PASSWORD).await;
    assert_eq!(guess().await.status, 422, "the counting begins anew");
}

async fn sec_09_a_known_browser_signs_in_whatever_others_guess(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let desk = vera(&app).await;
    let guesser = app.visitor();
    for status in [422, 422, 422, 422, 422, 429] {
        assert_eq!(guesser.sign_in("vera@example.com", "guess").await.status, status);
    }
    assert!(super::is_signed_in(&desk).await, "a session does not end");
    desk.post("/logout", &[]).await;
    sign_in(&desk, "vera@example.com", PASSWORD).await;
    // Its memory is for this account, and cannot be made up.
    guesser.set_cookie("ponka_device", Some("device:00.00"));
    assert_eq!(guesser.sign_in("vera@example.com", PASSWORD).await.status, 429);
}

async fn sec_09_guesses_at_many_accounts_are_counted_together(database: TestDatabase) {
    let app = TestApp::builder(database).var("TRUSTED_PROXIES", "192.0.2.1").start().await;
    let guesser = app.visitor();
    for number in 0..20 {
        // Headers are not believed.
        let fields = format!("email=user{number}%40example.com&password=password");
        let headers = [
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("X-Forwarded-For", &*format!("192.0.2.{number}")),
        ];
        let answer = guesser.send("POST", "/login", &headers, fields.as_bytes()).await;
        assert_eq!(answer.status, 422, "{number}");
    }
    let answer = guesser.sign_in("another@example.com", "password").await;
    assert_eq!((answer.status, answer.header("retry-after")), (429, Some("60")));
    app.clock.advance(Duration::from_secs(60));
    assert_eq!(guesser.sign_in("another@example.com", "password").await.status, 422);
}

async fn sec_09_guesses_at_once_do_not_slip_through(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let guesses = (0..16).map(|_| {
        let guesser = app.visitor();
        async move { guesser.sign_in("vera@example.com", "guess").await.status }
    });
    let statuses = futures_util::future::join_all(guesses).await;
    let heard = statuses.iter().filter(|status| **status == 422).count();
    assert_eq!((heard, statuses.len()), (5, 16), "{statuses:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_password_is_confirmed_under_the_same_limit() {
    let app = TestApp::start(TestDatabase::sqlite()).await;
    let visitor = vera(&app).await;
    for status in [422, 422, 422, 422, 422, 429] {
        let answer = visitor.post("/account/delete", &[("confirm", "a guess")]).await;
        assert_eq!(answer.status, status);
    }
    assert_eq!(app.database.count("app_user"), 1);
}

async fn r8_a_wait_does_not_last_an_hour_longer_when_the_date_goes_back(database: TestDatabase) {
    let app = TestApp::start(database).await;
    vera(&app).await;
    let guesser = app.visitor();
    let guess = async || guesser.sign_in("vera@example.com", "not the password").await.status;
    for status in [422, 422, 422, 422, 422, 429] {
        assert_eq!(guess().await, status);
    }
    app.clock.set(app.clock.now() - Duration::from_secs(3600));
    assert_eq!(guess().await, 429);
    app.clock.advance(Duration::from_secs(60));
    assert_eq!(guess().await, 422);
}
