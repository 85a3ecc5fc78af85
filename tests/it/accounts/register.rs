//! Making an account.

use super::{PASSWORD, is_signed_in, sign_in};
use crate::support::photos::jpeg;
use crate::support::{TestApp, TestDatabase, on_both_databases};

on_both_databases![
    a_visitor_registers_and_finds_the_photos_of_the_visit_in_the_account,
    photos_wait_for_whoever_signs_in_after_registering_a_known_address,
    an_address_has_one_account_also_when_many_register_at_once,
    sec_24_nobody_registers_as_an_operator,
    the_password_is_hashed_and_nowhere_else,
    sec_14_the_host_of_a_request_is_nobodys_link,
];

async fn a_visitor_registers_and_finds_the_photos_of_the_visit_in_the_account(
    database: TestDatabase,
) {
    let app = TestApp::start(database).await;
    let visitor = app.visitor();
    let photo = visitor.upload_one("cat.jpg", &jpeg(64, 48)).await;
    let answer = visitor.register("Vera", "Vera@Example.com ", PASSWORD).await;
    assert_eq!((answer.status, answer.header("location")), (303, Some("/register/done")));
    let page = visitor.get("/register/done").await;
    assert!(page.status == 200 && page.text().contains("Check your inbox"));
    let owners = "SELECT owner_id AS value FROM image_post";
    let ids = app.database.values("SELECT id AS value FROM app_user");
    assert_eq!((app.database.values(owners), ids.len()), (ids.clone(), 1), "the event claimed it");
    assert!(!is_signed_in(&visitor).await);

    sign_in(&visitor, "vera@example.com", PASSWORD).await;
    let page = visitor.get("/account").await.text();
    assert!(
        page.contains("vera@example.com · 1 photo") && page.contains("<h1>Vera</h1>"),
        "{page}"
    );
    let url = photo["url"].as_str().unwrap();
    assert_eq!(visitor.get(url).await.status, 200);
    assert_eq!(visitor.get("/api/images").await.json()["items"][0]["id"], photo["id"]);

    // Another browser, the same account.
    let elsewhere = app.visitor();
    assert_eq!(elsewhere.get(url).await.status, 404);
    sign_in(&elsewhere, "VERA@example.com", PASSWORD).await;
    assert_eq!(elsewhere.get(url).await.status, 200);
}

async fn photos_wait_for_whoever_signs_in_after_registering_a_known_address(
    database: TestDatabase,
) {
    let app = TestApp::start(database).await;
    super::vera(&app).await;
    let visitor = app.visitor();
    for name in ["one.jpg", "two.jpg"] {
        visitor.upload_one(name, &jpeg(64, 48)).await;
        // A second attempt must not lose what the first one put aside.
        visitor.register("Vera", "vera@example.com", PASSWORD).await;
        assert_eq!(visitor.get("/api/images").await.json()["items"], serde_json::json!([]));
    }
    assert_eq!(app.database.count("app_user"), 1);
    sign_in(&visitor, "vera@example.com", PASSWORD).await;
    let items = visitor.get("/api/images").await.json()["items"].as_array().unwrap().len();
    assert_eq!(items, 2);
    visitor.post("/logout", &[]).await;
    assert_eq!(visitor.get("/api/images").await.json()["items"], serde_json::json!([]));
}

async fn an_address_has_one_account_also_when_many_register_at_once(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let attempts =
        (0..8).map(|number| {
            let visitor = app.visitor();
            async move {
                visitor.register(&format!("Vera {number}"), "vera@example.com", PASSWORD).await
            }
        });
    for answer in futures_util::future::join_all(attempts).await {
        assert_eq!((answer.status, answer.header("location")), (303, Some("/register/done")));
    }
    assert_eq!(app.database.count("app_user"), 1);
    let mails = app.queue("default");
    let of = |template: &str| mails.iter().filter(|body| body.contains(template)).count();
    let told = (of("\"welcome\""), of("\"already_registered\""));
    assert_eq!(told, (1, 3), "nobody's inbox is filled by somebody else: {mails:#?}");
    app.clock.advance(std::time::Duration::from_secs(3600));
    app.visitor().register("Vera", "vera@example.com", PASSWORD).await;
    assert_eq!(app.queue("default").len(), 5, "an hour later one may ask again");
}

async fn sec_24_nobody_registers_as_an_operator(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let fields = [
        ("name", "Eve"),
        ("email", "eve@example.com"),
        ("password", PASSWORD),
        ("role", "admin"),
        ("is_admin", "1"),
        ("uuid", "00000000-0000-7000-8000-000000000000"),
    ];
    assert_eq!(app.visitor().post("/register", &fields).await.status, 303);
    assert_eq!(app.database.values("SELECT role AS value FROM app_user"), ["user"]);
    let id = &app.database.values("SELECT id AS value FROM app_user")[0];
    assert!(!id.starts_with("00000000"));
}

async fn the_password_is_hashed_and_nowhere_else(database: TestDatabase) {
    let app = TestApp::start(database).await;
    super::vera(&app).await;
    let hashes = app.database.values("SELECT password_hash AS value FROM app_user");
    assert!(hashes[0].starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hashes:?}");
    let everything = [app.queue("default"), app.queue("high"), app.queue("failed")].concat();
    assert_eq!(everything.len(), 1);
    let headers = app.database.values("SELECT headers AS value FROM messenger_messages");
    for text in everything.iter().chain(&headers) {
        assert!(!text.contains(PASSWORD) && !text.contains("argon2"), "{text}");
    }
}

async fn sec_14_the_host_of_a_request_is_nobodys_link(database: TestDatabase) {
    let builder = TestApp::builder(database).var("MAILER_DSN", "in-memory://");
    let app = builder.var("TRUSTED_PROXIES", "192.0.2.1").start().await;
    let headers = [
        ("Host", "evil.test"),
        ("X-Forwarded-Host", "evil.test"),
        ("Content-Type", "application/x-www-form-urlencoded"),
    ];
    let body = b"name=Vera&email=vera%40example.com&password=correct+horse+battery";
    let answer = app.visitor().send("POST", "/register", &headers, body).await;
    assert_eq!(answer.header("location"), Some("/register/done"));
    app.work().await;
    let mails = app.kernel.mail_transport.sent();
    let mail = String::from_utf8_lossy(&mails[0].message);
    assert!(mails.len() == 1 && mail.contains("http://127.0.0.1:8000/"), "{mail}");
    assert!(!mail.contains("evil"), "{mail}");
}
