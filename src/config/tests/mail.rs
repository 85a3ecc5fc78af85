//! Where mails go, from whom, and what an SMTP server may be told.

use super::vars;
use crate::config::{Config, MailerDsn, SmtpServer, SmtpTls};

fn config(pairs: &[(&str, &str)]) -> Config {
    Config::from_vars(&vars(pairs)).unwrap()
}

fn smtp(dsn: &str) -> SmtpServer {
    match config(&[("MAILER_DSN", dsn)]).mailer_dsn {
        MailerDsn::Smtp(server) => server,
        other => panic!("{other:?}"),
    }
}

fn refused(name: &str, value: &str) -> String {
    Config::from_vars(&vars(&[(name, value)])).unwrap_err().0[0].to_string()
}

#[test]
fn in_test_mails_go_nowhere_unless_told_otherwise() {
    assert_eq!(config(&[("APP_ENV", "test")]).mailer_dsn, MailerDsn::Null);
    let told = config(&[("APP_ENV", "test"), ("MAILER_DSN", "in-memory://")]);
    assert_eq!(told.mailer_dsn, MailerDsn::InMemory);
}

#[test]
fn mails_are_from_ponka_at_the_host_of_the_gallery() {
    for (uri, expected) in [
        ("https://ponka.example/gallery", "Ponka <ponka@ponka.example>"),
        ("https://PONKA.example:8443", "Ponka <ponka@ponka.example>"),
        ("http://127.0.0.1:8000", "Ponka <ponka@localhost>"),
        ("http://[::1]:8000", "Ponka <ponka@localhost>"),
        ("http://gallery:8000", "Ponka <ponka@localhost>"),
    ] {
        assert_eq!(config(&[("DEFAULT_URI", uri)]).mailer_from.to_string(), expected, "{uri}");
    }
    let from = config(&[("MAILER_FROM", "The cat <Cat@Example.org>")]).mailer_from;
    assert_eq!(from.to_string(), "The cat <cat@example.org>");
    assert_eq!(config(&[("MAILER_FROM", "cat@example.org")]).mailer_from.name, None);
}

#[test]
fn all_mails_may_go_to_one_address() {
    let config = config(&[("MAILER_REDIRECT_TO", "Dev@Example.org")]);
    assert_eq!(config.mailer_redirect_to.unwrap().as_str(), "dev@example.org");
    let problem = refused("MAILER_REDIRECT_TO", "everybody");
    assert_eq!(problem, "MAILER_REDIRECT_TO=\"everybody\": allowed: one email address");
    assert!(refused("MAILER_FROM", "Ponka").ends_with("Ponka <ponka@example.org>"));
}

#[test]
fn an_smtp_server_has_symfonys_options() {
    let plain = smtp("smtp://mail.example.org");
    assert_eq!((plain.port, plain.tls, plain.verify_peer), (25, SmtpTls::IfOffered, true));
    let implicit = smtp("smtps://mail.example.org?verify_peer=0&local_domain=ponka.example");
    assert_eq!((implicit.port, implicit.tls), (465, SmtpTls::Implicit));
    assert!(!implicit.verify_peer);
    assert_eq!(implicit.local_domain.as_deref(), Some("ponka.example"));
    assert_eq!(smtp("smtp://h?require_tls=true").tls, SmtpTls::Required);
    assert_eq!(smtp("smtp://h?auto_tls=0").tls, SmtpTls::Never);
    assert_eq!(smtp("smtp://u%40x:p%2F%3A@h:587").port, 587);
}

#[test]
fn a_password_travels_over_tls_or_stays_on_this_machine() {
    let far = smtp("smtp://vera%40x:p%2F%3A%25@mail.example.org:587");
    assert_eq!(far.tls, SmtpTls::Required);
    let (user, password) = far.credentials.as_ref().unwrap();
    assert_eq!((user.as_str(), password.expose()), ("vera@x", "p/:%"));
    assert!(!format!("{far:?} {far}").contains("p/:"));
    assert_eq!(smtp("smtp://u:p@127.0.0.1:1025").tls, SmtpTls::IfOffered);
    assert_eq!(smtp("smtp://u:p@[::1]:1025?auto_tls=0").tls, SmtpTls::Never);
    let problem = refused("MAILER_DSN", "smtp://u:hunter2@h?auto_tls=0");
    assert!(problem.contains("a password is only sent over TLS"), "{problem}");
    assert!(!problem.contains("hunter2"), "{problem}");
    let problem = refused("MAILER_DSN", "smtp://u:25?hunter2@h");
    assert!(problem.contains("unknown option;") && !problem.contains("hunter2"), "{problem}");
}

#[test]
fn a_wrong_smtp_server_is_refused_with_what_is_wrong() {
    for (dsn, expected) in [
        ("smtp://", "the host is missing"),
        ("smtp://h:smtp", "the port of the DSN is not a number"),
        ("smtp://h/x", "an SMTP server has no path"),
        ("smtp://h?tls=required", "unknown option \"tls\"; known options: auto_tls"),
        ("smtp://h?auto_tls=maybe", "auto_tls is a switch"),
        ("smtp://h?auto_tls=0&require_tls=1", "auto_tls=0 contradicts require_tls=1"),
        ("smtp://h?local_domain=a%0d%0ab", "local_domain is not the name of a machine"),
        ("sendmail://default", "allowed: file://FOLDER, smtp://"),
        ("in-memory://x", "allowed: file://FOLDER"),
    ] {
        let problem = refused("MAILER_DSN", dsn);
        assert!(problem.contains(expected), "{dsn}: {problem}");
    }
}
