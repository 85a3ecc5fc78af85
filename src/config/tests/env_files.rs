//! Which file wins, and what a line may say.

use std::fs;

use tempfile::TempDir;

use crate::config::{Environment, env_text::parse_line};

use super::vars;

fn directory(files: &[(&str, &str)]) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(directory.path().join(name), text).unwrap();
    }
    directory
}

fn load(files: &[(&str, &str)], real: &[(&str, &str)]) -> Environment {
    Environment::load(directory(files).path(), &vars(real)).unwrap()
}

#[test]
fn a_later_file_wins_and_real_variables_win_over_all() {
    let files = [
        (".env", "A=env\nB=env\nC=env\nD=env"),
        (".env.local", "B=local\nC=local\nD=local"),
        (".env.dev", "\nC=dev\nD=dev"),
        (".env.dev.local", "A=never"),
        (".env.prod", "A=never"),
    ];
    let environment = load(&files, &[("D", "real")]);
    let found =
        environment.iter().map(|(name, one)| format!("{name}={} {}", one.value, one.origin));
    let expected =
        ["A=env .env:1", "B=local .env.local:1", "C=dev .env.dev:2", "D=real environment"];
    assert_eq!(found.collect::<Vec<_>>(), expected);
}

#[test]
fn the_local_file_is_not_read_in_test() {
    let files = [(".env", "A=env"), (".env.local", "A=local"), (".env.test", "B=test")];
    let environment = load(&files, &[("APP_ENV", "test")]);
    assert_eq!((environment.get("A"), environment.get("B")), (Some("env"), Some("test")));
}

#[test]
fn the_environment_may_be_named_in_a_file() {
    let files = [(".env", "APP_ENV=dev"), (".env.local", "APP_ENV=prod"), (".env.prod", "A=prod")];
    assert_eq!(load(&files, &[]).get("A"), Some("prod"));
}

#[test]
fn no_file_is_fine() {
    assert_eq!(load(&[], &[("A", "1")]).values(), vars(&[("A", "1")]));
}

#[test]
fn a_wrong_environment_is_no_path() {
    assert_eq!(load(&[], &[("APP_ENV", "/../x")]).get("APP_ENV"), Some("/../x"));
}

#[test]
fn a_file_uses_what_came_before_it_and_real_variables_first() {
    let files =
        [(".env", "HOST=h\nURL=a://$USER@${HOST}/${NAME:-ponka}"), (".env.dev", "U2=${URL}x")];
    let environment = load(&files, &[("USER", "me"), ("HOST", "real")]);
    assert_eq!(environment.get("U2"), Some("a://me@real/ponkax"));
}

#[test]
fn a_wrong_line_is_named_but_not_quoted() {
    let directory = directory(&[(".env", "A=1\nexport SECRET=\"hunter2")]);
    let error = Environment::load(directory.path(), &vars(&[])).unwrap_err();
    assert_eq!(error.to_string(), ".env:2: a quote is not closed on its line");
}

#[test]
fn a_listing_does_not_show_values() {
    assert!(!format!("{:?}", load(&[], &[("A", "hunter2")])).contains("hunter2"));
}

/// The value of a line, or its error.
fn value(line: &str) -> Result<String, String> {
    let lookup = |name: &str| (name == "X").then_some("x");
    match parse_line(line, &lookup) {
        Ok(Some((_, value))) => Ok(value),
        Ok(None) => Err("nothing".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

#[test]
fn values_are_read() {
    let cases = [
        ("A=", ""),
        (" export A = 1 # comment", "1"),
        ("A=a#b", "a#b"),
        ("A=k=v", "k=v"),
        ("A='$X \\n \"' # c", "$X \\n \""),
        ("A=\"$X \\$X \\n\\\"\\q\"", "x $X \n\"\\q"),
        ("A=${X}y$X", "xyx"),
        ("A=${NO:-d}$", "d$"),
        ("A=\\$X", "$X"),
        ("A=doctrine://default?auto_setup=1&b=2", "doctrine://default?auto_setup=1&b=2"),
    ];
    for (line, expected) in cases {
        assert_eq!(value(line).as_deref(), Ok(expected), "{line}");
    }
}

#[test]
fn wrong_lines_are_refused() {
    let cases = [
        ("A", "expected NAME=value"),
        ("1A=", "what stands before = is not a name"),
        ("=x", "what stands before = is not a name"),
        ("A='x", "a quote is not closed"),
        ("A=a b", "text after the value"),
        ("A='a'b", "text after the value"),
        ("A=${X", "${ without }"),
        ("A=$NO", "variable NO is not set; a default is written ${NO:-default}"),
        ("# comment", "nothing"),
        ("  ", "nothing"),
    ];
    for (line, expected) in cases {
        assert!(value(line).unwrap_err().starts_with(expected), "{line}: {:?}", value(line));
    }
}
