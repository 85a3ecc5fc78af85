//! What is written into pages.

use crate::support::{Book, block};

#[test]
fn what_was_recorded_passes_and_stays() {
    let page = "```console\n$ echo hello; date\n$ cat <<END\n> a\n> END\n```\n\n\
                ```console terminal=b background\n$ echo on; sleep 60\n```\n\n\
                ```console terminal=b\n^C\n```\n\n```console until\n$ echo $BIND\n```\n\n\
                - ```console\n  $ pwd\n  ```\n";
    let book = Book::new(page);
    let said = book.run(&["--record"]);
    assert_eq!(said.code, 0, "{}", said.text);
    let first = book.page();
    for line in ["\nhello\n", "\na\n", "\non\n", "\n127.0.0.1:8000\n", "\n  ~/ponka\n"] {
        assert!(first.contains(line), "{first}");
    }
    book.passes();
    assert_eq!(book.run(&["--record"]).code, 0);
    assert_eq!(book.page(), first);
}

#[test]
fn what_still_fits_is_kept() {
    let lines = "$ seq 6; echo in 17 ms; date +%F\n1\n...\n5\n7\nin [..] ms\n2020-02-02";
    let book = Book::new(&block("console", lines));
    assert_eq!(book.run(&["--record"]).code, 0);
    assert_eq!(book.page(), block("console", &lines.replace('7', "6").replacen("16", "17", 1)));
}

#[test]
fn the_numbers_of_a_diff_become_true() {
    let diff = "--- a/song\n+++ b/song\n@@ -1 +1 @@ verse\n b\n-c\n+C\n+D\n d\n";
    let book = Book::new(&block("diff", diff.trim_end()));
    book.write("song", "a\nb\nc\nd\n");
    assert_eq!(book.run(&["--record"]).code, 0);
    assert!(book.page().contains("@@ -2,3 +2,4 @@ verse\n"), "{}", book.page());
    book.passes();
}

#[test]
fn a_command_that_fails_is_not_recorded() {
    let book = Book::new(&block("console", "$ ls nothing"));
    assert_eq!(book.run(&["--record"]).code, 1);
    assert_eq!(book.page(), block("console", "$ ls nothing"));
}

/// `two` is old when the last block begins; `three` comes when `wait` is over.
fn more_output_is_recorded(wait: &str, then: &str) {
    let page = format!(
        "```console terminal=b background\n\
         $ echo one; echo two; while [ ! -e go ]; do sleep 0.05; done; {wait}; echo three; sleep 60\n\
         one\n```\n\n```console\n$ {then}\n```\n\n\
         ```console terminal=b\ntwo\nthree\n```\n"
    );
    for before in [page.clone(), page.replace("\nthree\n", "\nfour\n")] {
        let book = Book::new(&before);
        let said = book.run(&["--record"]);
        assert_eq!(said.code, 0, "{}", said.text);
        assert_eq!(book.page(), page);
    }
}

#[test]
fn more_output_is_recorded_when_it_rests() {
    more_output_is_recorded("sleep 1", "sleep 2.5; touch go");
}

#[test]
fn what_has_arrived_during_a_pause_is_recorded() {
    more_output_is_recorded("true", "touch go; sleep 2.5");
}

#[test]
fn every_new_file_of_a_diff_begins_at_its_first_line() {
    let diff = "--- /dev/null\n+++ b/one\n@@ -0,0 +1,9 @@\n+a\n+b\n\
                --- /dev/null\n+++ b/two\n@@ -0,0 +1,9 @@\n+c\n+d\n+e";
    let book = Book::new(&block("diff", diff));
    assert_eq!(book.run(&["--record"]).code, 0);
    let right = diff.replacen("+1,9", "+1,2", 1).replacen("+1,9", "+1,3", 1);
    assert_eq!(book.page(), block("diff", &right));
    book.passes();
}

#[test]
fn a_removed_comment_does_not_begin_a_file() {
    let diff =
        "--- a/q.sql\n+++ b/q.sql\n@@ -1,2 +1,1 @@\n a\n--- note\n b\n@@ -5 +5 @@\n d\n-e\n+E\n f";
    let book = Book::new(&block("diff", diff));
    book.write("q.sql", "a\n-- note\nb\nc\nd\ne\nf\n");
    assert_eq!(book.run(&["--record"]).code, 0);
    let right = diff.replace("-1,2 +1,1", "-1,3 +1,2").replace("-5 +5", "-5,3 +4,3");
    assert_eq!(book.page(), block("diff", &right));
    book.passes();
}
