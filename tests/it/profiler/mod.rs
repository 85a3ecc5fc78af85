//! The profiler: what a developer sees of each request, and what nobody sees.

mod emails;
mod environments;
mod headers;
mod messages;
mod pages;
mod process;
mod recorded;
mod registration;
mod secrets;
mod statements;
mod worker;

use crate::support::{Answer, Builder, TestApp, TestDatabase, Visitor};

/// The application as on a developer's machine.
fn dev(database: TestDatabase) -> Builder {
    TestApp::builder(database).var("APP_ENV", "dev")
}

/// The token in an answer.
fn token(answer: &Answer) -> String {
    answer.header("x-debug-token").expect("every answer has a token").to_owned()
}

/// One panel of the profile of an answer.
async fn panel(visitor: &Visitor, answer: &Answer, panel: &str) -> String {
    panel_of(visitor, &token(answer), panel).await
}

async fn panel_of(visitor: &Visitor, token: &str, panel: &str) -> String {
    let page = visitor.get(&format!("/_profiler/{token}?panel={panel}")).await;
    assert_eq!(page.status, 200, "{panel}: {}", page.text());
    text(&page)
}

/// A page with its slashes as people see them.
fn text(page: &Answer) -> String {
    page.text().replace("&#x2f;", "/")
}
