//! S1: the welcome mail, sent while somebody waits or through the queue.

use std::time::{Duration, Instant};

use futures_util::future::join_all;

use crate::accounts::PASSWORD;
use crate::console::project::Project;
use crate::support::smtp::{SmtpServer, SmtpServerThatIsDown, message_ids};
use crate::support::{TestApp, TestDatabase, on_both_databases};

on_both_databases![
    s1_1_s1_4a_s1_12_s1_13_one_line_of_routing_takes_the_wait_away,
    s1_3_during_the_request_the_mail_only_goes_to_a_queue,
    s1_10_without_a_strategy_of_its_own_a_mail_is_tried_after_0_1_3_and_7_seconds,
    rel_08_a_hundred_registrations_while_the_server_is_down_lose_no_mail,
];

const ROUTE: &str = "SendEmailMessage = [\"async\"]";

async fn s1_1_s1_4a_s1_12_s1_13_one_line_of_routing_takes_the_wait_away(database: TestDatabase) {
    let server = SmtpServer::start();
    let app = TestApp::builder(database).var("MAILER_DSN", server.dsn()).start().await;
    let unrouted = TestApp::builder(TestDatabase::sqlite()).var("MAILER_DSN", server.dsn());
    let unrouted = unrouted.replace(ROUTE, "").start().await;
    // EHLO, MAIL, RCPT and DATA take longer than two seconds.
    server.state().script.delay = Duration::from_millis(520);
    let mut times = Vec::new();
    for app in [&unrouted, &app] {
        let begin = Instant::now();
        let answer = app.visitor().register("Vera", "vera@example.com", PASSWORD).await;
        times.push(begin.elapsed());
        assert_eq!(answer.status, 303);
    }
    assert!(times[0] >= Duration::from_secs(2), "{times:?}");
    assert!(times[1] < times[0] / 2, "{times:?}");
    assert_eq!((server.mails().len(), app.queue("default").len()), (1, 1));
    server.state().script.delay = Duration::ZERO;
    app.work().await;
    let mails = server.mails();
    assert_eq!(mails.len(), 2);
    let same = ["From", "To", "Subject"].map(|name| mails[0].header(name) == mails[1].header(name));
    assert_eq!((same, &mails[0].to), ([true; 3], &mails[1].to), "the same code sent both");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s1_2_unrouted_a_network_problem_is_the_visitors_problem() {
    let down = SmtpServerThatIsDown::new();
    let app = TestApp::builder(TestDatabase::sqlite()).replace(ROUTE, "").var("APP_ENV", "dev");
    let app = app.var("MAILER_DSN", down.dsn()).start().await;
    let answer = app.visitor().register("Vera", "vera@example.com", PASSWORD).await;
    assert_eq!(answer.status, 500);
    let page = answer.text();
    assert!(page.contains("We could not send you a mail") && page.contains("refused"), "{page}");
}

async fn s1_3_during_the_request_the_mail_only_goes_to_a_queue(database: TestDatabase) {
    let server = SmtpServer::start();
    let app = TestApp::builder(database).var("MAILER_DSN", server.dsn()).start().await;
    let answer = app.visitor().register("Vera", "vera@example.com", PASSWORD).await;
    assert_eq!(answer.status, 303);
    let queued = app.queue("default");
    assert!(queued.len() == 1 && queued[0].contains("vera@example.com"), "{queued:?}");
    assert!(!queued[0].contains("<html") && !queued[0].contains("argon2"), "{queued:?}");
    assert_eq!(server.state().connections, 0);
    app.work().await;
    assert_eq!((server.mails().len(), app.queued()), (1, 0));
}

async fn s1_10_without_a_strategy_of_its_own_a_mail_is_tried_after_0_1_3_and_7_seconds(
    database: TestDatabase,
) {
    let server = SmtpServer::start();
    server.state().script.refuse = Some((451, usize::MAX));
    let app = TestApp::builder(database)
        .messenger(|text| {
            let own = text.find("[retry_strategy]").expect("mails have one");
            let text = text[..own].replace("async = \"${MESSENGER_TRANSPORT_DSN}\"\n", "");
            let no_jitter = "retry_strategy = { jitter = 0 }";
            format!(
                "{text}[transports.async]\ndsn = \"${{MESSENGER_TRANSPORT_DSN}}\"\n{no_jitter}\n"
            )
        })
        .var("MAILER_DSN", server.dsn())
        .start()
        .await;
    app.visitor().register("Vera", "vera@example.com", PASSWORD).await;
    let mut attempts = Vec::new();
    for second in 0..12 {
        let before = server.state().asked.len();
        app.work().await;
        if server.state().asked.len() > before {
            attempts.push(second);
        }
        app.clock.advance(Duration::from_secs(1));
    }
    assert_eq!(attempts, [0, 1, 3, 7]);
    assert_eq!((app.queue("default").len(), app.queue("failed").len()), (0, 1));
}

async fn rel_08_a_hundred_registrations_while_the_server_is_down_lose_no_mail(
    database: TestDatabase,
) {
    let down = SmtpServerThatIsDown::new();
    let app = TestApp::builder(database).var("MAILER_DSN", down.dsn()).start().await;
    let people: Vec<String> = (0..100).map(|number| format!("p{number}@example.com")).collect();
    for group in people.chunks(10) {
        let attempts = group.iter().map(|email| {
            let visitor = app.visitor();
            async move { visitor.register("Vera", email, PASSWORD).await.status }
        });
        assert_eq!(join_all(attempts).await, vec![303; 10]);
    }
    for _ in 0..60 {
        app.work().await;
        app.clock.advance(Duration::from_secs(10));
    }
    assert_eq!((app.queue("default").len(), app.queue("failed").len()), (100, 0));
    let server = down.start();
    app.clock.advance(Duration::from_secs(400));
    app.work().await;
    let mails = server.mails();
    let mut greeted: Vec<String> = mails.iter().flat_map(|mail| mail.to.clone()).collect();
    greeted.sort();
    let mut everybody = people;
    everybody.sort();
    assert_eq!((greeted, message_ids(&mails).len(), app.queued()), (everybody, 100, 0));
}

#[test]
fn s1_6_an_unknown_kind_of_transport_is_refused_with_those_there_are() {
    let project = Project::new();
    let said = project
        .command("messenger:stats")
        .env("MESSENGER_TRANSPORT_DSN", "carrier-pigeon://coop")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&said.stderr).into_owned();
    for word in ["MESSENGER_TRANSPORT_DSN", "carrier-pigeon", "doctrine://", "sync://", "in-memory"]
    {
        assert!(said.contains(word), "{word}: {said}");
    }
}

#[test]
fn s1_7_s1_9_s1_10_s1_11_the_configuration_says_where_a_mail_goes_and_what_if_it_fails() {
    let project = Project::new();
    std::fs::remove_file(project.path("messenger.dev.toml")).unwrap();
    let config = project.console("debug:config messenger").out;
    for words in [
        "doctrine://default?auto_setup=1",
        "failure_transport",
        "SendEmailMessage",
        "max_retries",
        "1000",
    ] {
        assert!(config.contains(words), "{words}: {config}");
    }
    let route = project.console("debug:routing SendEmailMessage").out;
    assert!(route.contains("async") && !route.contains("async_priority_high"), "{route}");
}

#[test]
fn s1_5_the_readme_says_that_nothing_needs_to_be_installed() {
    let readme = include_str!("../../../README.md");
    assert!(readme.contains("nothing to install"), "{readme}");
}
