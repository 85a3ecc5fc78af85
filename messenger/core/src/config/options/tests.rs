//! Options win over the query, the query over the defaults; wrong ones are refused by name.

use std::time::Duration;

use crate::{config::Located, dsn::Dsn};

use super::{Allowed, OptionSet, OptionSpec, OptionValue, TransportOption, describe};

static SPECS: [OptionSpec; 6] = [
    OptionSpec::new("queue_name", "default", "value of the queue_name column"),
    OptionSpec::new("auto_setup", "true", "create the table on first use"),
    OptionSpec::new("redeliver_timeout", "60", "seconds until a message is available again"),
    OptionSpec::new("use_notify", "true", "listen for notifications").only(Allowed::OptionsOnly),
    OptionSpec::new("queues[*][binding_keys][*]", "", "routing keys of a queue"),
    OptionSpec::new("password", "", "the password"),
];

fn dsn(text: &str) -> Located<Dsn> {
    Dsn::parse(text).unwrap().into()
}

fn option(name: &str, text: &str) -> TransportOption {
    TransportOption::new(name, OptionValue::Text(text.to_owned()))
}

fn set(query: &str, options: &[TransportOption]) -> OptionSet {
    OptionSet::merge(&SPECS, &dsn(&format!("doctrine://default?{query}")), options).unwrap()
}

#[test]
fn options_win_over_the_query_and_the_query_over_the_defaults() {
    let set = set("queue_name=low&auto_setup=0", &[option("queue_name", "high")]);
    assert_eq!(set.text("queue_name"), Some("high"));
    assert!(!set.bool("auto_setup").unwrap());
    assert_eq!(set.seconds("redeliver_timeout").unwrap(), Some(Duration::from_secs(60)));
    assert_eq!(set.text("password"), None);
}

#[test]
fn the_same_options_in_the_query_or_beside_it_are_the_same() {
    let options = [option("queue_name", "high"), option("auto_setup", "false")];
    let beside = set("", &options);
    let query = set("queue_name=high&auto_setup=false", &[]);
    assert!(beside.iter().eq(query.iter()));
}

#[test]
fn a_switch_has_four_spellings_either_way() {
    for yes in ["true", "1", "yes", "ON"] {
        assert!(set(&format!("auto_setup={yes}"), &[]).bool("auto_setup").unwrap());
    }
    for no in ["False", "0", "no", "off"] {
        assert!(!set(&format!("auto_setup={no}"), &[]).bool("auto_setup").unwrap());
    }
    let error = set("auto_setup=maybe", &[]).bool("auto_setup").unwrap_err();
    let expected = "auto_setup=\"maybe\": expected true, false, 1, 0, yes, no, on or off";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn numbers_and_times_are_checked() {
    let set = set("redeliver_timeout=1.5&queue_name=300", &[]);
    assert_eq!(set.seconds("redeliver_timeout").unwrap(), Some(Duration::from_millis(1500)));
    assert_eq!(set.milliseconds("queue_name").unwrap(), Some(Duration::from_millis(300)));
    assert_eq!(set.integer::<u16>("queue_name").unwrap(), Some(300));
    assert_eq!(set.integer::<u16>("password").unwrap(), None);
    assert!(set.integer::<u8>("queue_name").is_err());
    assert!(set.milliseconds("redeliver_timeout").is_err());
}

#[test]
fn s3_10_an_unknown_option_lists_the_allowed_ones_with_their_meaning() {
    let problems = OptionSet::merge(&SPECS, &dsn("doctrine://default?queue=x"), &[]).unwrap_err();
    let text = problems[0].to_string();
    assert!(text.starts_with("unknown option \"queue\" (did you mean \"queue_name\"?); allowed:"));
    assert!(text.contains("  auto_setup                  true     create the table on first use"));
}

#[test]
fn an_option_is_refused_where_it_is_not_allowed() {
    let dsn = dsn("doctrine://default?use_notify=0");
    let problems = OptionSet::merge(&SPECS, &dsn, &[option("nope", "")]).unwrap_err();
    let message = "\"use_notify\" is not allowed in the query of the DSN; use options";
    assert_eq!(problems[0].message, message);
    assert!(problems[1].message.starts_with("unknown option \"nope\""));
    assert!(!set("", &[option("use_notify", "0")]).bool("use_notify").unwrap());
}

#[test]
fn nested_options_are_matched_by_their_shape() {
    let name = "queues[messages][binding_keys][0]";
    assert_eq!(set(&format!("{name}=high"), &[]).text(name), Some("high"));
    let wrong = dsn("amqp://h?queues[messages][nope][0]=x");
    assert!(OptionSet::merge(&SPECS, &wrong, &[]).is_err());
}

#[test]
fn secrets_are_not_shown() {
    let set = set("password=hunter2", &[]);
    assert!(!format!("{set:?}").contains("hunter2"));
    assert!(!set.bool("password").unwrap_err().to_string().contains("hunter2"));
    assert!(!format!("{:?}", option("password", "hunter2")).contains("hunter2"));
}

#[test]
fn the_table_says_where_an_option_is_allowed() {
    assert!(describe(&SPECS).contains("listen for notifications (in options only)\n"));
}
