//! How many mails strangers can have sent to somebody.

use std::time::Duration;

use super::{PASSWORD, sign_in};
use crate::console::project::Project;
use crate::support::{TestApp, TestDatabase, on_both_databases};

on_both_databases![
    s6_an_address_gets_few_mails_whatever_strangers_do,
    s6_an_inbox_has_one_budget_under_all_its_names,
];

/// The mails that are queued, by their templates.
fn mails(app: &TestApp) -> (usize, usize) {
    let bodies = app.queue("default");
    let of = |template: &str| bodies.iter().filter(|body| body.contains(template)).count();
    (of("\"welcome\""), of("\"already_registered\""))
}

async fn s6_an_address_gets_few_mails_whatever_strangers_do(database: TestDatabase) {
    let app = TestApp::start(database).await;
    for number in 0..12 {
        let stranger = app.visitor();
        let answer = stranger.register("Vera", "vera@example.com", PASSWORD).await;
        assert_eq!(answer.header("location"), Some("/register/done"), "{number}");
        sign_in(&stranger, "vera@example.com", PASSWORD).await;
        if number % 3 == 0 {
            let again = app.visitor().register("V", "vera@example.com", PASSWORD).await;
            assert_eq!((again.status, &again.body), (answer.status, &answer.body), "{number}");
        }
        let gone = stranger.post("/account/delete", &[("confirm", PASSWORD)]).await;
        assert_eq!(gone.status, 303, "{}", gone.text());
        app.clock.advance(Duration::from_secs(1));
    }
    assert_eq!((app.database.count("app_user"), mails(&app)), (0, (3, 1)));
    app.visitor().register("Nora", "nora@example.com", PASSWORD).await;
    assert_eq!(mails(&app), (4, 1), "others are not concerned");
    for hour in 1..24 {
        app.clock.advance(Duration::from_secs(3600));
        let visitor = app.visitor();
        visitor.register("Vera", "vera@example.com", PASSWORD).await;
        let (welcomes, others) = mails(&app);
        assert!(welcomes + others <= 9, "after {hour} hours: {welcomes} + {others}");
    }
    assert_eq!(mails(&app).0 + mails(&app).1, 9, "eight in a day, and one to Nora");
}

async fn s6_an_inbox_has_one_budget_under_all_its_names(database: TestDatabase) {
    let app = TestApp::start(database).await;
    for number in 0..7 {
        let address = format!("vera+{number}@example.com");
        app.visitor().register("Vera", &address, PASSWORD).await;
        sign_in(&app.visitor(), &address, PASSWORD).await;
    }
    assert_eq!(mails(&app), (4, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s6_a_mail_that_is_not_sent_is_said_once_and_seen_by_the_doctor() {
    use crate::claims::process::{Running, count};
    let project = Project::new();
    let mut gallery = Running::start(&mut project.gallery("--no-worker"));
    let address = gallery.address();
    for _ in 0..8 {
        let visitor = crate::support::Visitor::new(address);
        visitor.register("Vera", "vera@example.com", PASSWORD).await;
    }
    let said = project.console("doctor");
    let told = "1 address gets no more mails for now";
    assert!(said.out.contains(told) && said.code == Some(0), "{said:?}");
    let lines = gallery.stop();
    assert_eq!(count(&lines, "vera@example.com gets no more mails before"), 1, "{lines:#?}");
}
