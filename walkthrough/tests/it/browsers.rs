//! Drivers of a browser that do not do what they should. They hide from the runner's mark.

use std::time::{Duration, Instant};

use crate::support::{Book, PAGE, block};

const DEAF: &str = "exec env -i /bin/sh -c 'sleep 300 & sleep 300'";

fn book(instructions: &str, node: &str) -> Book {
    let book = Book::new(&block("browser", instructions));
    book.write("tests/browser/node_modules/playwright-core/index.js", "").tool("node", node);
    book
}

/// The runner fails at this line, in these words, and leaves nothing.
fn fails_soon(book: &Book, arguments: &[&str], line: usize, words: &str) {
    let began = Instant::now();
    let said = book.run(arguments);
    assert!(began.elapsed() < Duration::from_secs(60), "{}", said.text);
    assert_eq!(said.code, 1, "{}", said.text);
    assert!(said.text.contains(&format!("{PAGE}:{line}: {words}")), "{}", said.text);
    assert_eq!(book.processes(), Vec::<String>::new());
}

#[test]
fn an_instruction_has_a_deadline() {
    let book = book("open /\nsee \"Ponka\"", &format!("read order; echo '{{}}'; {DEAF}"));
    fails_soon(&book, &["01", "--limit", "6"], 5, "the browser has not done this within");
}

#[test]
fn a_mistaken_instruction_does_not_wait_for_the_driver() {
    let book = book("open /\ntype \"Name\"", &format!("read order; echo '{{}}'; {DEAF}"));
    fails_soon(&book, &["01"], 5, "`type` needs 2 words");
}

#[test]
fn a_failed_instruction_does_not_wait_for_the_driver() {
    let node = format!("read order; echo '{{\"error\": \"no such page\"}}'; {DEAF}");
    fails_soon(&book("open /", &node), &["01"], 4, "no such page");
}

#[test]
fn a_driver_that_has_gone_is_noticed() {
    fails_soon(&book("open /", "read order"), &["01"], 4, "the browser has gone");
}
