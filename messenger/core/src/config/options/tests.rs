//! Options win over the query, the query over the defaults; wrong ones are refused by name.

use std::time::Duration;

use crate::{config::Located, dsn::Dsn};

use super::{Allowed, OptionSet, OptionSpec, OptionValue, TransportOption, describe};

static SPECS: [OptionSpec; 10] = [
    OptionSpec::new("queue_name", "default", "value of the queue_name column"),
    OptionSpec::new("auto_setup", "true", "create the table on first use"),
    OptionSpec::new("redeliver_timeout", "60", "seconds until a message is available again"),
    OptionSpec::new("use_notify", "true", "listen for notifications").only(Allowed::OptionsOnly),
    OptionSpec::new("queues[*][binding_keys][*]", "", "routing keys of a queue"),
    OptionSpec::new("queues", "", "false: none"),
    OptionSpec::new("queues[*][flags]", "", "flags of a queue"),
    OptionSpec::new("queues[*][arguments][*]", "", "an argument of a queue"),
    OptionSpec::new("queues[*][arguments][*][*]", "", "an argument of an argument"),
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
    let problems =
        OptionSet::merge(&SPECS, &dsn("doctrine://default?queue_nam=x"), &[]).unwrap_err();
    let text = problems[0].to_string();
    assert!(
        text.starts_with("unknown option \"queue_nam\" (did you mean \"queue_name\"?); allowed:")
    );
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
fn nested_options_are_a_tree() {
    let query = "queues[low][binding_keys][]=a&queues[low][binding_keys][]=b&queues[high][flags]=4";
    let options = [
        TransportOption::new("queues[high][arguments][x-max-length]", OptionValue::Integer(10)),
        TransportOption::new("queues[low][binding_keys][0]", OptionValue::Text("c".to_owned())),
    ];
    let set = set(query, &options);
    let names: Vec<_> = set.nested("queues").entries().map(|(name, _)| name).collect();
    assert_eq!(names, ["high", "low"]);
    let low = set.nested("queues").get("low");
    assert_eq!(low.get("binding_keys").texts(), ["c"], "a list is replaced, not mixed");
    assert!(low.get("flags").is_absent());
    let high = set.nested("queues").get("high");
    assert_eq!(high.get("flags").integer::<u16>().unwrap(), Some(4), "tables are joined");
    let arguments: Vec<_> = high.get("arguments").entries().collect();
    assert_eq!(arguments.len(), 1);
    assert_eq!(arguments[0].0, "x-max-length");
    assert_eq!(arguments[0].1.value(), Some(&OptionValue::Integer(10)), "its type is kept");
}

#[test]
fn a_wrong_nested_option_is_named_by_its_path() {
    let set = set("queues[low][flags]=many", &[]);
    let error = set.nested("queues").get("low").get("flags").integer::<u8>().unwrap_err();
    let expected = "queues[low][flags]=\"many\": expected a whole number in range";
    assert_eq!(error.to_string(), expected);
    let own = set.nested("queues").get("low").get("flags").wrong("a flag");
    assert_eq!(own.to_string(), "queues[low][flags]=\"many\": expected a flag");
    let unknown = dsn("amqp://h?queues[low][nope]=x");
    let problems = OptionSet::merge(&SPECS, &unknown, &[]).unwrap_err();
    assert!(problems[0].message.starts_with("unknown option \"queues[low][nope]\""));
    let nearly = OptionSet::merge(&SPECS, &dsn("amqp://h?queues[low][flag]=x"), &[]).unwrap_err();
    assert!(nearly[0].message.contains("(did you mean \"queues[low][flags]\"?)"));
    assert!(problems[0].message.contains("allowed:\n"));
}

#[test]
fn an_option_has_a_value_or_others_nested_in_it() {
    let both = dsn("amqp://h?queues[low][arguments][x]=1&queues[low][arguments][x][y]=2");
    let problems = OptionSet::merge(&SPECS, &both, &[]).unwrap_err();
    let expected = "\"queues[low][arguments][x]\" has a value, so that \
                    \"queues[low][arguments][x][y]\" cannot be set too";
    assert_eq!(problems[0].message, expected);
}

#[test]
fn a_table_in_options_wins_over_a_value_in_the_query_and_the_other_way_round() {
    let flags = TransportOption::new("queues[low][flags]", OptionValue::Integer(2));
    let table = set("queues=false", &[flags]);
    assert_eq!(table.nested("queues").value(), None);
    assert_eq!(table.integer("queues[low][flags]").unwrap(), Some(2));
    let none = TransportOption::new("queues", OptionValue::Boolean(false));
    let value = set("queues[low][flags]=2", &[none]);
    assert_eq!(value.nested("queues").entries().count(), 0);
    assert_eq!(value.text("queues"), Some("false"));
}

#[test]
fn an_empty_table_is_not_an_unset_one() {
    let set = set("", &[TransportOption::new("queues", OptionValue::Empty)]);
    assert!(!set.nested("queues").is_absent());
    assert_eq!(set.nested("queues").entries().count(), 0);
    assert!(!set.bool("queues").unwrap());
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
