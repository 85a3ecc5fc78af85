//! The forms: for people, password managers and screen readers, without a script.

use super::PASSWORD;
use crate::support::{TestApp, TestDatabase};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_stands_beside_its_field_and_on_top() {
    let app = TestApp::start(TestDatabase::sqlite()).await;
    let visitor = app.visitor();
    let long = "x".repeat(256);
    for (name, email, password, field, sentence) in [
        ("", "vera@example.com", PASSWORD, "name", "The name is missing."),
        (&long, "vera@example.com", PASSWORD, "name", "The name is too long."),
        ("Eve\r\nBcc: v@x.y", "vera@example.com", PASSWORD, "name", "cannot be shown"),
        ("\u{202e}evE", "vera@example.com", PASSWORD, "name", "cannot be shown"),
        ("Vera", "", PASSWORD, "email", "The email address is missing."),
        ("Vera", "vera", PASSWORD, "email", "like vera@example.org"),
        ("Vera", "v@x.y\r\nBcc: w@x.y", PASSWORD, "email", "cannot be shown"),
        ("Vera", "vera@example.com", "1234567", "password", "at least 8 characters"),
        ("Vera", "vera@example.com", "password", "password", "easy to guess"),
    ] {
        let answer = visitor.register(name, email, password).await;
        let page = answer.text();
        assert_eq!(answer.status, 422, "{page}");
        let beside = format!("id=\"{field}-error\" class=\"field-error\">");
        let (_, beside) = page.split_once(&beside).expect("a sentence beside the field");
        assert!(beside.lines().next().unwrap().contains(sentence), "{beside}");
        let on_top = format!("<li><a href=\"#{field}\">");
        assert!(page.contains(&on_top) && page.contains("id=\"problems\""), "{page}");
        assert_eq!(page.matches("aria-invalid=\"true\"").count(), 1);
        assert!(page.contains("<title>Problem: "));
        assert!(!page.contains(&format!("value=\"{password}\"")), "passwords are typed anew");
    }
    app.assert_empty("nothing came of it");
    assert_eq!(app.database.count("app_user"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn several_mistakes_are_told_at_once_and_what_was_typed_is_kept() {
    let app = TestApp::start(TestDatabase::sqlite()).await;
    let answer = app.visitor().register("<b>Vera</b>", "vera@", "short").await;
    let page = answer.text();
    assert_eq!((answer.status, page.matches("class=\"field-error\"").count()), (422, 2));
    assert!(
        page.contains("value=\"&lt;b&gt;Vera&lt;/b&gt;\"")
            || page.contains("value=\"&lt;b&gt;Vera&lt;&#x2f;b&gt;\""),
        "{page}"
    );
    assert!(page.contains("value=\"vera@\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn ux_29_password_managers_find_what_they_look_for() {
    let app = TestApp::start(TestDatabase::sqlite()).await;
    let visitor = super::vera(&app).await;
    let guest = app.visitor();
    let account = visitor.get("/account").await.text();
    for (page, expected) in [
        (guest.get("/register").await.text(), &["name", "email", "new-password"][..]),
        (guest.get("/login").await.text(), &["username", "current-password"]),
        (account, &["name", "username", "current-password", "new-password", "current-password"]),
    ] {
        let found: Vec<&str> = page
            .split("autocomplete=\"")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .collect();
        assert_eq!(found, expected, "{page}");
        let inputs = page.split("<input ").skip(1).filter(|input| !input.contains("\"hidden\""));
        for input in inputs {
            let id = input.split("id=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
            assert!(page.contains(&format!("<label for=\"{id}\"")), "{id} has a label");
        }
        assert!(!page.contains("onpaste") && page.contains("data-reveal=\"password\""));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_is_too_long_or_no_form_is_refused() {
    let app = TestApp::start(TestDatabase::sqlite()).await;
    let visitor = app.visitor();
    let long = "x".repeat(20_000);
    assert_eq!(visitor.register("Vera", "vera@example.com", &long).await.status, 413);
    let json = [("Content-Type", "application/json")];
    let answer = visitor.send("POST", "/register", &json, b"{\"name\":\"Vera\"}").await;
    assert_eq!(answer.status, 400);
    assert!(answer.text().contains("<h1"), "a page says so");
}

#[tokio::test(flavor = "multi_thread")]
async fn sec_12_signing_in_leads_to_our_own_pages_only() {
    let app = TestApp::start(TestDatabase::sqlite()).await;
    super::vera(&app).await;
    for (next, location) in [
        ("//evil.test", "/"),
        ("/\\evil.test", "/"),
        ("/%5cevil.test", "/"),
        ("https:evil.test", "/"),
        ("/%09/evil.test", "/"),
        ("javascript:alert(1)", "/"),
        ("/\t/evil", "/"),
        ("///evil", "/"),
        ("/images/x?a=b", "/images/x?a=b"),
        ("/account", "/account"),
    ] {
        let fields = [("email", "vera@example.com"), ("password", PASSWORD), ("next", next)];
        let answer = app.visitor().post("/login", &fields).await;
        assert_eq!((answer.status, answer.header("location")), (303, Some(location)), "{next}");
    }
    let page = app.visitor().get("/login?next=/account").await.text();
    let hidden =
        page.split("name=\"next\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    assert!(matches!(hidden, Some("/account" | "&#x2f;account")), "{page}");
    assert!(!app.visitor().get("/login?next=//evil.test").await.text().contains("evil"));
}
