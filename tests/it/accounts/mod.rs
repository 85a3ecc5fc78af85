//! Accounts: made, used, guessed at, and deleted.

mod enumeration;
mod forms;
mod guesses;
mod mails;
mod networks;
mod operators;
mod photos;
mod register;
mod sessions;
mod settings;
mod strength;

use crate::support::{TestApp, Visitor};

/// A password that nobody guesses.
pub(crate) const PASSWORD: &str = "correct horse battery";

/// Somebody with an account, signed in.
pub(crate) async fn vera(app: &TestApp) -> Visitor {
    somebody(app, "Vera Example", "vera@example.com").await
}

pub(crate) async fn somebody(app: &TestApp, name: &str, email: &str) -> Visitor {
    let visitor = app.visitor();
    let answer = visitor.register(name, email, PASSWORD).await;
    assert_eq!((answer.status, answer.header("location")), (303, Some("/register/done")));
    sign_in(&visitor, email, PASSWORD).await;
    visitor
}

pub(crate) async fn sign_in(visitor: &Visitor, email: &str, password: &str) {
    let answer = visitor.sign_in(email, password).await;
    assert_eq!((answer.status, answer.header("location")), (303, Some("/")), "{}", answer.text());
}

/// Whether the browser is signed in.
pub(crate) async fn is_signed_in(visitor: &Visitor) -> bool {
    let answer = visitor.get("/account").await;
    if answer.status == 303 {
        assert_eq!(answer.header("location"), Some("/login?next=/account"));
    }
    answer.status == 200
}
