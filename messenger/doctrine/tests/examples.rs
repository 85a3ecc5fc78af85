//! Every example runs, and prints what it is about. The program of the README is one of them.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

/// An example that runs in a folder of its own. `cargo test` has built it beside this test.
struct Example {
    child: Child,
    output: BufReader<ChildStdout>,
    _folder: tempfile::TempDir,
}

impl Example {
    fn start(name: &str, environment: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("there is room");
        let mut command = Command::new(program(name));
        command.current_dir(folder.path()).envs(environment.iter().copied());
        let child = command.stdout(Stdio::piped()).spawn();
        let mut child =
            child.unwrap_or_else(|error| panic!("{name} (cargo build --examples): {error}"));
        let output = BufReader::new(child.stdout.take().expect("it is piped"));
        Self { child, output, _folder: folder }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).expect("it prints text");
        line.trim_end().to_owned()
    }

    /// Presses Ctrl-C, and gives what it still prints.
    fn interrupt(mut self) -> String {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-INT", &id]).status().expect("there is a kill");
        assert!(sent.success());
        self.rest()
    }

    fn rest(&mut self) -> String {
        let mut rest = String::new();
        self.output.read_to_string(&mut rest).expect("it prints text");
        assert!(self.child.wait().expect("it was started").success(), "{rest}");
        rest
    }
}

impl Drop for Example {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn program(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a test is a file");
    let folder = test.ancestors().nth(2).expect("target/PROFILE/deps/TEST");
    folder.join("examples").join(name)
}

fn source(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect("it is there")
}

#[test]
fn a_queue_in_a_file() {
    let mut example = Example::start("queue_in_a_file", &[]);

    assert_eq!(example.line(), "Hello, Vera");
    assert_eq!(example.interrupt(), "");
}

#[test]
fn the_first_program_of_the_readme_is_that_example_in_25_lines() {
    let example = source("examples/queue_in_a_file.rs");
    let (_, program) = example.split_once("\n\n").expect("a line about it, then the program");

    assert!(source("README.md").contains(&format!("```rust,no_run\n{program}```")), "{program}");
    assert!(program.lines().count() <= 25);
    let page = source("../../docs/reference/the-same-job-elsewhere.md");
    assert!(page.contains(&format!("```rust\n{program}```")), "{program}");
}

#[test]
fn after_the_commit() {
    let expected = "welcome, Vera\n1 mail\nrefused: true, 0 mails\n";

    assert_eq!(
        Example::start("after_the_commit", &[("DATABASE_URL", "sqlite://a.sqlite")]).rest(),
        expected
    );
}

#[test]
fn after_the_commit_on_postgresql() {
    let Ok(url) = std::env::var("PONKA_TEST_POSTGRES_URL") else {
        eprintln!("skipped: PONKA_TEST_POSTGRES_URL names no PostgreSQL");
        return;
    };
    let name = format!("example_{}", std::process::id());
    let sql = |sql: &str| {
        let admin = messenger_doctrine::Database::open(&url).expect("the URL is right");
        let sql = sql.to_owned();
        let runtime = tokio::runtime::Runtime::new().expect("there are threads");
        runtime
            .block_on(admin.run(move |connection| {
                diesel::RunQueryDsl::execute(diesel::sql_query(sql), connection)
            }))
            .expect("the database can be made and dropped");
    };
    sql(&format!("CREATE DATABASE {name}"));
    let (server, _) = url.rsplit_once('/').expect("a URL names a database");
    let printed =
        Example::start("after_the_commit", &[("DATABASE_URL", &format!("{server}/{name}"))]).rest();
    sql(&format!("DROP DATABASE {name} WITH (FORCE)"));

    assert_eq!(printed, "welcome, Vera\n1 mail\nrefused: true, 0 mails\n");
}

#[test]
fn an_axum_service_with_its_worker() {
    let mut example = Example::start("axum_service", &[]);
    let line = example.line();
    let address = line.strip_prefix("listening on ").expect("it says where");

    let mut stream = TcpStream::connect(address).expect("it listens");
    let request = "POST /greet/Vera HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");

    assert!(answer.starts_with("HTTP/1.1 202 "), "{answer}");
    assert_eq!(example.line(), "Hello, Vera");
    assert_eq!(example.interrupt(), "stopped\n");
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
