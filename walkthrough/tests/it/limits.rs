//! The time that a run and its commands have.

use std::time::{Duration, Instant};

use crate::support::{Book, PAGE, Said, block};

/// Cargo that never ends.
const STUCK: &str = "sleep 300 & sleep 300";

/// A run with a limit ends soon after it, and leaves nothing.
fn limited(book: &Book, arguments: &[&str]) -> Said {
    let began = Instant::now();
    let said = book.run(&[arguments, &["--limit", "4"]].concat());
    assert!(began.elapsed() < Duration::from_secs(60), "{}", said.text);
    assert_eq!(said.code, 1, "{}", said.text);
    assert_eq!(book.processes(), Vec::<String>::new());
    said
}

#[test]
fn the_limit_ends_the_first_build() {
    let book = Book::new(&block("console", "$ true"));
    book.write("Cargo.toml", "[workspace]\n").tool("cargo", STUCK);
    let said = limited(&book, &[]);
    let words = format!("{PAGE}:1: not played: the limit of time is reached");
    assert!(said.text.contains(&words), "{}", said.text);
}

#[test]
fn the_limit_ends_spoiled_steps() {
    let book = Book::new(&block("console", "$ sleep 300; echo miaow\nmiaow"));
    let said = limited(&book, &["--mutate", "2", "--seed", "1"]);
    let words = format!("{PAGE}:5: not spoiled: the limit of time is reached");
    assert!(said.text.contains(&words), "{}", said.text);
    assert!(!said.text.contains("noticed"), "{}", said.text);
}

#[test]
fn what_the_limit_has_cut_is_not_recorded() {
    // It is never quiet for long enough.
    let chatter = "$ while :; do echo miaow; sleep 0.5; done\npurr";
    let book = Book::new(&block("console background", chatter));
    limited(&book, &["--record"]);
    assert_eq!(book.page(), block("console background", chatter));
}

#[test]
fn a_command_with_cargo_in_it_has_the_long_time() {
    for (command, seconds) in [("true && cargo build", 600), ("sleep 300", 30)] {
        let book = Book::new(&block("console", &format!("$ {command}")));
        book.tool("cargo", STUCK);
        let words =
            format!("{PAGE}:4: it has not ended within the limit of the run, which left it");
        let words = format!("{words} less than {seconds} s");
        let said = limited(&book, &["01"]);
        assert!(said.text.contains(&words), "{}", said.text);
    }
}
