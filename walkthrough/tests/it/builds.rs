//! When the programs of the clone are built.

use std::fs;

use crate::support::{Book, block};

/// Builds `target/debug/sing`, which prints the song as it was when it was built, and writes down
/// whose build it is.
const CARGO: &str = "mkdir -p target/debug\n\
    echo \"${BIND:+scene }$*\" | sed s/127.*:[0-9]*// >>target/builds\n\
    printf '#!/bin/sh\\necho %s\\n' \"$(cat song)\" >target/debug/sing\n\
    chmod +x target/debug/sing";
const DIFF: &str = "```diff\n--- a/song\n+++ b/song\n@@ -1 +1 @@\n-la\n+li\n```\n\n";
const SING: &str = "$ target/debug/sing\nla";

fn builds(pages: &[String]) -> (Vec<String>, String) {
    let book = Book::new(&pages[0]);
    book.write("Cargo.toml", "[workspace]\n").write("song", "la\n").tool("cargo", CARGO);
    for (number, page) in pages.iter().enumerate().skip(1) {
        book.write(&format!("docs/{:02}-page.md", number + 1), page);
    }
    let said = book.run(&["page"]);
    assert_eq!(said.code, 0, "{}", said.text);
    let builds = fs::read_to_string(book.path("target/builds")).unwrap();
    (builds.lines().map(str::to_owned).collect(), said.text)
}

#[test]
fn a_change_is_built_away_when_a_scene_needs_the_programs() {
    let changes = format!("{DIFF}{}", block("console", "$ cat song\nli"));
    let pages = [
        format!("{}\n{changes}", block("console", SING)),
        block("console", "$ cat song\nla"),
        block("console", &format!("$ cargo build\n{SING}")),
        block("console", SING),
        changes,
    ];
    let (builds, text) = builds(&pages);
    assert_eq!(builds, ["build", "scene build", "build"], "{text}");
    assert!(text.contains("\nbuilds took "), "{text}");
}

#[test]
fn a_build_of_one_program_does_not_make_the_others() {
    let pages = [DIFF.to_owned(), block("console", &format!("$ cargo build --bin ponka\n{SING}"))];
    let (builds, text) = builds(&pages);
    assert_eq!(builds, ["build", "build", "scene build --bin ponka"], "{text}");
}

/// Cargo tells builds apart by package and profile, not by folder.
#[test]
fn what_the_clone_has_built_is_not_taken_for_ours() {
    const MANIFEST: &str = "[workspace]\n[package]\nname = \"song\"\nversion = \"1.0.0\"\n\
        edition = \"2024\"\n";
    let song = |text: &str| format!("fn main() {{ println!(\"{text}\"); }}\n");
    let page = "```console\n$ target/debug/song\nla\n```\n";
    let book = Book::new(page);
    book.write("Cargo.toml", MANIFEST).write("src/main.rs", &song("la"));
    book.write("Cargo.lock", "version = 4\n[[package]]\nname = \"song\"\nversion = \"1.0.0\"\n");
    book.passes();
    book.write("src/main.rs", &song("li"));
    assert_eq!(book.program("cargo", &["run", "-q"]), "li\n");
    assert_eq!(book.program("target/debug/song", &[]), "li\n");
}
