//! Whom a mail goes to, whatever people are called.

use mail_parser::Address;

use super::{app, error_of_failed, parsed, send, welcome, welcome_to};
use crate::support::TestDatabase;
use crate::support::smtp::SmtpServer;
use ponka::mail_address::{DisplayName, Mailbox};
use ponka::mailer::Email;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_long_and_unusual_arrive_whole() {
    let server = SmtpServer::start();
    let app = app(TestDatabase::sqlite(), &server.dsn()).await;
    let long = "Vera Maria ".repeat(23);
    let names = [
        "Vera \"the cat\" O'Neil, Jr. <x@y.example>; \\",
        "\u{1f408}\u{200d}\u{2b1b} Ponka \u{1f469}\u{200d}\u{1f680}",
        "J\u{f6}rg M\u{fc}ller-L\u{fc}denscheidt",
        "\u{732b}\u{306e}\u{30dd}\u{30f3}\u{30ab}",
        long.trim(),
        &"\u{e9}".repeat(255),
        &"x".repeat(255),
    ];
    for name in names {
        let mailbox =
            Mailbox::new(DisplayName::parse(name).unwrap(), "vera@example.org".parse().unwrap());
        send(&app, Email::new("welcome").to(mailbox).context("name", name)).await.unwrap();
        app.work().await;
        let received = server.state().mails.pop().unwrap();
        let mail = parsed(&received);
        let Some(Address::List(to)) = mail.to() else { panic!("{:?}", mail.to()) };
        assert_eq!(to.len(), 1, "{name}");
        assert_eq!(to[0].name(), Some(name));
        assert_eq!(to[0].address(), Some("vera@example.org"));
        let first = name.split(' ').next().unwrap();
        assert_eq!(mail.subject().unwrap(), format!("Welcome to Ponka, {first}"));
        let lines = received.message.split(|byte| *byte == b'\n');
        assert!(lines.map(<[u8]>::len).max().unwrap() < 999, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_14_a_blind_copy_stays_one_and_nobody_is_asked_for_twice() {
    let server = SmtpServer::start();
    let app = app(TestDatabase::sqlite(), &server.dsn()).await;
    send(&app, welcome()).await.unwrap();
    app.work().await;
    assert_eq!(server.state().asked, ["vera@example.org"]);
    assert_eq!(server.mails()[0].header("Bcc"), None);

    let email = welcome().cc("Cleo <cleo@example.org>".parse().unwrap());
    let email = email.bcc("blind@example.org".parse().unwrap());
    let email = email.bcc("VERA@example.org".parse().unwrap());
    send(&app, email.reply_to("answers@example.org".parse().unwrap())).await.unwrap();
    app.work().await;
    let mail = server.mails().remove(1);
    assert_eq!(mail.to, ["vera@example.org", "cleo@example.org", "blind@example.org"]);
    assert_eq!(mail.header("Cc").unwrap(), "Cleo <cleo@example.org>");
    assert_eq!(mail.header("Reply-To").unwrap(), "answers@example.org");
    assert!(!String::from_utf8_lossy(&mail.message).contains("blind"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_international_domain_is_asked_for_in_ascii() {
    let server = SmtpServer::start();
    let app = app(TestDatabase::sqlite(), &server.dsn()).await;
    send(&app, welcome_to("vera@B\u{fc}cher.example")).await.unwrap();
    app.work().await;
    assert_eq!(server.mails()[0].to, ["vera@xn--bcher-kva.example"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_beyond_ascii_needs_a_server_that_takes_it() {
    let server = SmtpServer::start();
    let app = app(TestDatabase::sqlite(), &server.dsn()).await;
    send(&app, welcome_to("j\u{f6}rg@example.org")).await.unwrap();
    app.work().await;
    let error = error_of_failed(&app);
    assert!(error.contains("does not support SMTPUTF8"), "{error}");
    assert!(error.contains("j\u{f6}rg@example.org"), "{error}");

    // The connection is still good for others, but what the server can do is asked anew.
    send(&app, welcome()).await.unwrap();
    app.work().await;
    assert_eq!((server.mails().len(), server.state().connections), (1, 1));

    let server = SmtpServer::start();
    server.state().script.smtputf8 = true;
    let app = super::app(TestDatabase::sqlite(), &server.dsn()).await;
    send(&app, welcome_to("j\u{f6}rg@example.org")).await.unwrap();
    app.work().await;
    assert_eq!(server.mails()[0].to, ["j\u{f6}rg@example.org"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_with_a_dot_does_not_end_a_mail() {
    let server = SmtpServer::start();
    let app = app(TestDatabase::sqlite(), &server.dsn()).await;
    let body = "one\r\n.\r\ntwo\n.\n..three\n.four\r\nQUIT\r\n.";
    let email = Email::new("test").to("vera@example.org".parse().unwrap());
    send(&app, email.context("subject", "Dots").context("body", body)).await.unwrap();
    app.work().await;
    let mails = server.mails();
    assert_eq!(mails.len(), 1);
    let text = parsed(&mails[0]).body_text(0).unwrap().replace('\r', "");
    assert!(text.starts_with("one\n.\ntwo\n.\n..three\n.four\nQUIT\n.\n\nPonka"), "{text:?}");
}
