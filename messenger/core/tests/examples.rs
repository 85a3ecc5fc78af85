//! Every example runs, and prints what it is about.

use std::path::Path;
use std::process::Command;

/// What an example prints. `cargo test` has built it beside this test.
fn output(example: &str) -> String {
    let test = std::env::current_exe().expect("a test is a file");
    let folder = test.ancestors().nth(2).expect("target/PROFILE/deps/TEST");
    let program = folder.join("examples").join(example);
    let run = Command::new(&program).output();
    let run = run
        .unwrap_or_else(|error| panic!("{} (cargo build --examples): {error}", program.display()));
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    String::from_utf8(run.stdout).expect("it prints text")
}

#[test]
fn hello() {
    assert_eq!(output("hello"), "Hello, Vera\n");
}

#[test]
fn several_buses() {
    assert_eq!(output("several_buses"), "stored Vera\nnoted Vera\nwelcome, Vera\n1 user\n");
}

#[test]
fn middleware() {
    let expected = "Greet was dispatched\nHello, Vera\nGreet was handled by a worker\n";
    assert_eq!(output("middleware"), expected);
}

#[test]
fn testing() {
    assert_eq!(
        output("testing"),
        "1 waits\nretry 1 waits\n0 handled too early\ncharged 5 euros\n1 handled after two seconds\n"
    );
}

#[test]
fn each_has_one_idea_in_at_most_80_lines() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    for file in std::fs::read_dir(folder).expect("there are examples").flatten() {
        let text = std::fs::read_to_string(file.path()).expect("it is text");
        assert!(text.lines().count() <= 80, "{}", file.path().display());
        assert!(text.starts_with("//! "), "{} says what it shows", file.path().display());
    }
}
