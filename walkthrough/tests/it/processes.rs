//! Nothing goes on when the runner has ended.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::support::{Book, block};

/// A program that wants to live, in the foreground and in sessions of its own.
const STUBBORN: &str =
    "$ setsid sleep 300 & bash -c 'trap \"\" HUP INT; echo $$ >../pid; sleep 300'";

fn await_that(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !condition() {
        assert!(Instant::now() < deadline, "{what}");
        std::thread::yield_now();
    }
}

fn lives(id: &str) -> bool {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    !stat.is_empty() && !stat.contains(") Z ")
}

fn start(book: &Book) -> (Child, String) {
    let runner = book.command(&["01"]).stdout(Stdio::null()).spawn().unwrap();
    let file = book.path("target/walkthrough/pid");
    await_that("the program starts", || read(&file).ends_with('\n'));
    (runner, read(&file).trim().to_owned())
}

/// The code with which a runner ends that is sent this.
fn code_after(signal: Signal, runner: &mut Child) -> Option<i32> {
    kill(Pid::from_raw(runner.id().try_into().unwrap()), signal).unwrap();
    runner.wait().unwrap().code()
}

fn read(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_default()
}

#[test]
fn an_interrupted_runner_leaves_nothing() {
    let book = Book::new(&block("console", STUBBORN));
    let (mut runner, id) = start(&book);
    assert_eq!(code_after(Signal::SIGTERM, &mut runner), Some(143));
    assert!(!lives(&id));
    assert_eq!(book.processes(), Vec::<String>::new());
}

#[test]
fn a_scene_leaves_nothing() {
    let book = Book::new(&block("console seconds=2", STUBBORN));
    let (mut runner, id) = start(&book);
    assert_eq!(runner.wait().unwrap().code(), Some(1));
    assert!(!lives(&id));
    assert_eq!(book.processes(), Vec::<String>::new());
}

#[test]
fn a_second_runner_leaves_the_clone_of_the_first_alone() {
    let book = Book::new(&block("console", STUBBORN));
    let (mut runner, _) = start(&book);
    let second = book.run(&["01"]);
    assert_eq!(second.code, 2, "{}", second.text);
    assert!(second.text.contains("another walkthrough runs in"), "{}", second.text);
    assert_eq!(code_after(Signal::SIGTERM, &mut runner), Some(143));
}

#[test]
fn an_interrupted_runner_leaves_the_clone_clean() {
    let changes = "$ echo more >>song; echo new >mine; mkdir var; touch var/x; git add mine";
    let book = Book::new(&block("console", &format!("{changes}\n{STUBBORN}")));
    book.write("song", "la\n").write(".gitignore", "/target/\n/var/\n");
    let (mut runner, _) = start(&book);
    assert!(book.path("target/walkthrough/ponka/var/x").exists());
    assert_eq!(code_after(Signal::SIGINT, &mut runner), Some(130));
    let clone = book.path("target/walkthrough/ponka");
    assert_eq!(read(&clone.join("song")), "la\n");
    let git = |arguments: &[&str]| {
        let run = Command::new("git").args(arguments).current_dir(&clone).output().unwrap();
        String::from_utf8(run.stdout).unwrap()
    };
    assert_eq!(git(&["status", "--porcelain", "--ignored"]), "!! target\n");
}
