//! Changes that a reader makes.

use crate::support::{Book, block};

const DIFF: &str = "--- a/song\n+++ b/song\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c";

fn book(diff: &str) -> Book {
    let page = format!("{}\n```console\n$ cat song\na\nB\nc\n```\n", block("diff", diff));
    let book = Book::new(&page);
    book.write("song", "a\nb\nc\n");
    book
}

#[test]
fn a_diff_is_applied() {
    book(DIFF).passes();
}

#[test]
fn a_new_file_is_made() {
    let diff = "--- /dev/null\n+++ b/new\n@@ -0,0 +1 @@\n+hello";
    let page =
        block("diff", diff) + "\n```console\n$ cat new; git status --short\nhello\n?? new\n```\n";
    Book::new(&page).passes();
}

#[test]
fn a_diff_without_one_of_its_lines_fails() {
    for line in 0..DIFF.lines().count() {
        let kept = DIFF.lines().enumerate().filter(|(at, _)| *at != line).map(|(_, text)| text);
        let said = book(&kept.collect::<Vec<_>>().join("\n")).run(&["01"]);
        assert_eq!(said.code, 1, "line {line}: {}", said.text);
    }
}

#[test]
fn wrong_counts_and_other_files_fail() {
    book(&DIFF.replace("-1,3", "-1,4")).fails_at(6, "the header counts 4 and 3 lines");
    book(&DIFF.replace(" c", " x")).fails_at(3, "does not apply");
}

#[test]
fn a_spoiled_book_is_noticed() {
    let book = book(DIFF);
    for seed in 0..6 {
        let said = book.run(&["--mutate", "2", "--seed", &seed.to_string()]);
        assert_eq!(said.code, 0, "seed {seed}: {}", said.text);
        assert_eq!(said.text.matches("spoiled, and noticed").count(), 2, "{}", said.text);
    }
}
