//! Looking at a password takes time, and strangers choose the password.

use std::time::{Duration, Instant};

use futures_util::future::join_all;

use super::{PASSWORD, vera};
use crate::support::{Answer, TestApp, TestDatabase, Visitor, on_both_databases};

on_both_databases![s3_costly_passwords_of_a_stranger_keep_nobody_from_signing_in];

/// Every letter that looks like another one, in every way at once.
const COSTLY: &str = "4@8({[<3690!1|70$5+%2";
const FLOOD: usize = 100;
/// A busy machine takes its time; without turns it was more than that, and then a refusal.
const PATIENCE: Duration = Duration::from_secs(10);

async fn post(visitor: &Visitor, from: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let kind = ("Content-Type", "application/x-www-form-urlencoded");
    visitor.send("POST", path, &[kind, ("X-Forwarded-For", from)], body.as_bytes()).await
}

async fn s3_costly_passwords_of_a_stranger_keep_nobody_from_signing_in(database: TestDatabase) {
    let app = TestApp::builder(database).var("TRUSTED_PROXIES", "127.0.0.1").start().await;
    vera(&app).await;
    let costly: String = COSTLY.chars().cycle().take(64).collect();
    let flood = join_all((0..FLOOD).map(|number| {
        let (visitor, email, costly) = (app.visitor(), format!("eve{number}@example.com"), &costly);
        async move {
            let fields = [("name", "Eve"), ("email", &email), ("password", costly)];
            post(&visitor, "203.0.113.9", "/register", &fields).await.status
        }
    }));
    let victim = async {
        let visitor = app.visitor();
        let mut slowest = Duration::ZERO;
        for _ in 0..5 {
            let began = Instant::now();
            let fields = [("email", "vera@example.com"), ("password", PASSWORD)];
            let answer = post(&visitor, "203.0.113.10", "/login", &fields).await;
            assert_eq!(answer.status, 303, "{}", answer.text());
            assert_eq!(visitor.get("/account").await.status, 200);
            slowest = slowest.max(began.elapsed());
        }
        slowest
    };
    let (statuses, slowest) = tokio::join!(flood, victim);
    println!("the slowest sign-in took {slowest:?}");
    assert!(slowest < PATIENCE, "{slowest:?}");
    let heard = statuses.iter().filter(|status| matches!(status, 303 | 503)).count();
    assert_eq!(heard, FLOOD, "{statuses:?}");
}
