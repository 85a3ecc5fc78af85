//! What is checked without playing.

use crate::support::{Book, PAGE};

/// Each a line of a page, and what is wrong with it.
const WRONG: [(&str, &str); 14] = [
    ("[a](nowhere.md)", "leads nowhere"),
    ("[a](#nothing)", "no heading"),
    ("[a](../notes.md#other)", "no heading"),
    ("![](../notes.md)", "without an alternative text"),
    ("![a](nothing.png)", "leads nowhere"),
    ("<img src=\"nothing.png\" alt=\"a\">", "leads nowhere"),
    ("<img src=\"../notes.md\">", "without an alternative text"),
    ("It is in `src/other.rs`.", "no file `src/other.rs`"),
    ("It is in `other.toml`.", "no file `other.toml`"),
    ("See `the_cat_is_not_here`.", "nothing is named"),
    ("See `the_cat_was_here_once`.", "nothing is named"),
    ("TODO", "left to do"),
    ("```rust src/cat.rs\nfn mieow() {}\n```", "does not have these lines"),
    ("```console loudly\n$ true\n```", "unknown word `loudly`"),
];

const RIGHT: &str = "# One page\n\nHere is [a link](../notes.md#a-note-1-of-2), [another](#one-page), \
    `src/cat.rs`, `cat.rs`, `src/`, `var/x.rs`, `the_cat_is_here_now`, ![a note](../notes.md).\n\n\
    ```rust src/cat.rs\nfn the_cat_is_here_now() {\n    // …\n}\n```\n\n\
    ```diff\n--- /dev/null\n+++ b/src/mine.rs\n@@ -0,0 +1 @@\n+fn mine() {}\n```\n\n\
    It is `src/mine.rs`.\n";

fn book(page: &str) -> Book {
    let book = Book::new(page);
    book.write("notes.md", "# A note (1 of 2)\n")
        .write(
            "src/cat.rs",
            "fn the_cat_is_here_now() {\n    one();\n    two();\n}\n// As the_cat_was_here_once\n",
        )
        .write("docs/SUMMARY.md", "- [Page](01-page.md)\n");
    book
}

#[test]
fn a_right_page_has_no_mistakes() {
    let said = book(RIGHT).run(&["--check"]);
    assert_eq!(said.code, 0, "{}", said.text);
}

#[test]
fn every_mistake_is_found_at_its_line() {
    for (line, words) in WRONG {
        let said = book(&format!("{RIGHT}\n{line}\n")).run(&["--check"]);
        assert_eq!(said.code, 1, "{line}: {}", said.text);
        let at = RIGHT.lines().count() + 2;
        let found = said.text.lines().any(|text| {
            let place = text.strip_prefix(PAGE).and_then(|rest| rest[1..].split_once(": "));
            place.is_some_and(|(number, said)| {
                number.parse().is_ok_and(|number: usize| (at..at + 2).contains(&number))
                    && said.contains(words)
            })
        });
        assert!(found, "{line}: {}", said.text);
    }
}

#[test]
fn a_page_is_in_the_table_of_contents() {
    let book = book(RIGHT);
    book.write("docs/02-lost.md", "# Lost\n");
    let said = book.run(&["--check"]);
    assert_eq!(said.code, 1);
    assert!(said.text.contains("docs/02-lost.md:1: the page is not in"), "{}", said.text);
}
