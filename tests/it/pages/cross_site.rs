//! SEC-07: what another site makes a browser send is refused, before the body is read.

use crate::support::{FORM, TestApp, TestDatabase, form, on_both_databases, photos};

on_both_databases![sec_07_the_cross_site_matrix];

/// Headers of the browser, and whether the request may pass.
const MATRIX: [(&[(&str, &str)], bool); 13] = [
    (&[], true),
    (&[("Sec-Fetch-Site", "same-origin")], true),
    (&[("Sec-Fetch-Site", "none")], true),
    (&[("Sec-Fetch-Site", "cross-site")], false),
    (&[("Sec-Fetch-Site", "same-site")], false),
    (&[("Sec-Fetch-Site", "nonsense")], false),
    (&[("Sec-Fetch-Site", "same-origin"), ("Origin", "https://evil.test")], true),
    (&[("Sec-Fetch-Site", "cross-site"), ("Origin", "http://ponka.test")], false),
    (&[("Origin", "http://ponka.test"), ("Host", "ponka.test")], true),
    (&[("Origin", "https://evil.test"), ("Host", "ponka.test")], false),
    (&[("Origin", "http://ponka.test:81"), ("Host", "ponka.test")], false),
    (&[("Origin", "null"), ("Host", "ponka.test")], false),
    (&[("Origin", "ponka.test"), ("Host", "ponka.test")], false),
];

async fn sec_07_the_cross_site_matrix(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let visitor = app.visitor();
    let body = form(&[("cat.jpg", &photos::jpeg(16, 16))]);
    for (headers, passes) in MATRIX {
        let before = app.rows();
        let headers = [headers, &[("Content-Type", FORM)]].concat();
        let image = visitor.send("POST", "/api/images", &headers, &body).await;
        assert_eq!(image.status, if passes { 201 } else { 403 }, "{headers:?}");
        let page = visitor.send("POST", "/images", &headers, &body).await;
        assert_eq!(page.status, if passes { 303 } else { 403 }, "{headers:?}");
        assert_eq!(app.rows(), before + if passes { 2 } else { 0 });
        if !passes {
            for answer in [&page, &image] {
                let vary: Vec<_> = answer.all("vary").collect();
                assert!(vary.iter().any(|one| one.contains("Sec-Fetch-Site, Origin")), "{vary:?}");
            }
            assert_eq!(image.header("content-type"), Some("application/problem+json"));
            assert!(page.text().contains("came from another site"));
        }
    }
    let image = visitor.upload_one("cat.jpg", &photos::jpeg(16, 16)).await;
    let (path, evil) = (image["@id"].as_str().unwrap(), [("Sec-Fetch-Site", "cross-site")]);
    let form = format!("/images/{}/delete", image["id"].as_str().unwrap());
    assert_eq!(visitor.send("DELETE", path, &evil, b"").await.status, 403);
    assert_eq!(visitor.send("POST", &form, &evil, b"").await.status, 403);
    assert_eq!(visitor.get(&form).await.status, 405, "a link deletes nothing");
    assert_eq!(visitor.send("GET", path, &evil, b"").await.status, 200, "reading is safe");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_07_a_cross_site_body_is_not_read() {
    let app = TestApp::start(TestDatabase::sqlite()).await;
    let visitor = app.visitor();
    let headers = [("Content-Type", FORM), ("Sec-Fetch-Site", "cross-site")];
    let head = visitor.head("POST", "/images", &headers);
    let answer = visitor.raw(format!("{head}Content-Length: 5000000\r\n\r\n").as_bytes()).await;
    assert_eq!(answer.status, 403);
    app.assert_empty("refused unread");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_07_another_site_registers_signs_in_and_changes_nobody() {
    let app = TestApp::start(TestDatabase::sqlite()).await;
    let visitor = crate::accounts::vera(&app).await;
    let evil =
        [("Sec-Fetch-Site", "cross-site"), ("Content-Type", "application/x-www-form-urlencoded")];
    let body =
        b"name=Eve&email=eve%40example.com&password=correct+horse&confirm=correct+horse+battery";
    for path in [
        "/register",
        "/login",
        "/logout",
        "/account/name",
        "/account/password",
        "/account/sign-out-everywhere",
        "/account/delete",
    ] {
        assert_eq!(visitor.send("POST", path, &evil, body).await.status, 403, "{path}");
    }
    assert_eq!(app.database.values("SELECT name AS value FROM app_user"), ["Vera Example"]);
    assert!(crate::accounts::is_signed_in(&visitor).await);
}
