//! The examples are run as their readers run them.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The program of an example: cargo builds it with the tests, in the folder beside theirs.
fn example(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("this program has a path");
    let built = test.ancestors().nth(2).expect("target/debug/deps/TEST");
    let example = built.join("examples").join(name);
    assert!(
        example.exists(),
        "{example:?} is missing: run the tests without --test, or cargo build --examples"
    );
    example
}

/// Runs a command of the example in a folder: what it says, and its exit code.
fn run(folder: &Path, command: &str) -> (String, String, i32) {
    let ran = Command::new(example("own_commands"))
        .args(command.split(' '))
        .current_dir(folder)
        .output()
        .expect("the example starts");
    let text = |bytes| String::from_utf8(bytes).expect("it writes UTF-8");
    (text(ran.stdout), text(ran.stderr), ran.status.code().expect("no signal ended it"))
}

#[test]
fn a_program_has_the_commands_of_the_bus_beside_its_own() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = |command| run(folder.path(), command);

    let (help, _, code) = run("--help");
    assert_eq!(code, 0);
    for line in ["messenger:consume", "debug:routing", "order", "Have an order packed"] {
        assert!(help.contains(line), "{line}: {help}");
    }
    assert!(run("messenger:consume --help").0.contains("Example: shop messenger:consume"));

    assert_eq!(run("order 7"), (String::new(), String::new(), 0));
    let (stats, _, _) = run("messenger:stats --format=json");
    assert_eq!(
        stats,
        "{\n    \"transports\": {\n        \"orders\": {\n            \"count\": 1\n        }\n    }\n}\n"
    );

    let (said, _, code) = run("messenger:consume --limit=1");
    assert_eq!(code, 0);
    assert!(said.contains(" [OK] Consuming messages from transport \"orders\"."), "{said}");
    assert!(
        said.contains("// own_commands, built ") && said.contains("Order 7 is packed."),
        "{said}"
    );

    let (routes, _, _) = run("debug:routing Pack");
    assert!(routes.contains("Pack") && routes.contains("orders"), "{routes}");
    let (_, error, code) = run("messenger:consume nowhere");
    assert_eq!(code, 1);
    assert!(
        error.contains("The receiver \"nowhere\" does not exist. Valid receivers are: orders."),
        "{error}"
    );
    let (_, error, code) = run("messenger:stop-workers");
    assert_eq!(code, 1);
    assert!(error.contains("do not listen for a request to stop"), "{error}");
    let (_, error, code) = run("debug:config");
    assert_eq!(code, 1);
    assert!(error.contains("the bus is configured in code"), "{error}");
    assert_eq!(run("messenger:consume --limit=none").2, 2);
}
