//! What a DSN gives, and what it keeps to itself.

use crate::dsn::{Dsn, DsnError, is_secret, mask};

fn dsn(text: &str) -> Dsn {
    Dsn::parse(text).unwrap()
}

#[test]
fn all_parts_are_found() {
    let dsn = dsn("amqp://us%40er:p%3Aw@localhost:5672/%2f/messages?a=1&b%5Bc%5D=x%20y+z&a=2");
    assert_eq!((dsn.scheme(), dsn.user(), dsn.password()), ("amqp", Some("us@er"), Some("p:w")));
    assert_eq!(
        (dsn.host(), dsn.port(), dsn.path()),
        (Some("localhost"), Some(5672), "/%2f/messages")
    );
    assert_eq!(dsn.path_segments().collect::<Vec<_>>(), ["/", "messages"]);
    let pairs = dsn.query().iter().map(|(key, value)| (key.as_str(), value.as_str()));
    assert_eq!(pairs.collect::<Vec<_>>(), [("a", "1"), ("b[c]", "x y z"), ("a", "2")]);
}

#[test]
fn short_forms_have_no_host() {
    assert_eq!((dsn("sync://").host(), dsn("sync://").path()), (None, ""));
    assert_eq!(dsn("in-memory://?serialize=true").query().len(), 1);
    assert_eq!(dsn("doctrine://default?queue_name=x").host(), Some("default"));
    assert_eq!(dsn("redis:///run/redis.sock").path(), "/run/redis.sock");
    assert_eq!(
        (dsn("redis://[::1]:6379").host(), dsn("redis://[::1]:6379").port()),
        (Some("::1"), Some(6379))
    );
}

#[test]
fn secrets_are_masked() {
    let shown = |text: &str| dsn(text).to_string();
    assert_eq!(
        shown("amqp://guest:hunter2@h:1/v?token=t&x=1"),
        "amqp://guest:***@h:1/v?token=***&x=1"
    );
    assert_eq!(shown("redis://hunter2@h"), "redis://***@h");
    assert_eq!(shown("redis://h:12/hunter2@h"), "redis://h:***@h");
    assert_eq!(shown("redis://h:12?hunter2@h"), "redis://***");
    assert_eq!(shown("redis://h?auth%5B0%5D=hunter2"), "redis://h?auth%5B0%5D=***");
    assert_eq!(format!("{:?}", dsn("a://u:p@h")), "\"a://u:***@h\"");
    assert_eq!(dsn("a://u:p@h").expose(), "a://u:p@h");
    assert_eq!(mask("no dsn"), "no dsn");
}

#[test]
fn a_plain_dsn_is_shown_as_written() {
    for text in ["sync://", "doctrine://default?queue_name=a@b", "redis://h:1/s/g/c?x"] {
        assert_eq!(dsn(text).to_string(), text);
    }
}

#[test]
fn what_is_no_dsn_is_refused_without_quoting_it() {
    assert_eq!(Dsn::parse("hunter2"), Err(DsnError::NoScheme));
    assert_eq!(Dsn::parse("://h"), Err(DsnError::NoScheme));
    for text in ["amqp://u:hunter2/x@h", "amqp://h:99999", "redis://[::1]x"] {
        assert_eq!(Dsn::parse(text), Err(DsnError::Port));
        assert!(!DsnError::Port.to_string().contains("hunter2"));
    }
    assert_eq!(Dsn::parse("a://%ff@h"), Err(DsnError::NotUtf8));
}

#[test]
fn secret_keys_are_recognised() {
    for key in ["password", "auth", "auth[1]", "access_key", "API-Key", "x[secret]", "sasl_token"] {
        assert!(is_secret(key), "{key}");
    }
    for key in ["queue_name", "key", "routing_key", "passive", "authority"] {
        assert!(!is_secret(key), "{key}");
    }
}
