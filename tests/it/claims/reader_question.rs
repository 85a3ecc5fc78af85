//! A reader's question: can certain messages be kept out of the failure transport?

use std::fs;
use std::path::Path;

#[test]
fn s3_q7_the_library_answers_the_reader_and_says_why_unrecoverable_does_not_do_it() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("messenger/core/README.md");
    let page = fs::read_to_string(page).unwrap();
    let (_, answer) = page.split_once("## Keeping certain messages out").unwrap();
    let (answer, _) = answer.split_once("\n## ").unwrap();
    let says = [
        "*unrecoverable* error does\nnot say it",
        "discard = [\"LogEmoji\"]",
        "failure_transport = \"none\"",
        "HandlerError::discard",
        "DoNotKeepOnFailureStamp",
        "on_failed",
        "messenger:stats",
    ];
    for words in says {
        assert!(answer.contains(words), "{words}");
    }
}
