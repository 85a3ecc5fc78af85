//! A book in a folder of its own, and the runner on it.

use std::env;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Output};

use tempfile::TempDir;

/// The only page of a book.
pub(crate) const PAGE: &str = "docs/01-page.md";

/// Where a book has programs of its own; git ignores it.
const TOOLS: &str = "target/tools";

/// A repository with a book.
pub(crate) struct Book {
    folder: TempDir,
}

/// What the runner said.
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) text: String,
}

impl Book {
    /// A book with this page.
    pub(crate) fn new(page: &str) -> Self {
        let book = Self { folder: tempfile::tempdir().unwrap() };
        book.write(PAGE, page).write(".gitignore", "/target/\n");
        let git = Command::new("git").args(["init", "-q"]).current_dir(book.folder.path()).status();
        assert!(git.unwrap().success());
        book
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> &Self {
        fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
        fs::write(self.path(name), text).unwrap();
        self
    }

    pub(crate) fn page(&self) -> String {
        fs::read_to_string(self.path(PAGE)).unwrap()
    }

    /// A program that is found before those of the system.
    pub(crate) fn tool(&self, name: &str, script: &str) -> &Self {
        let path = format!("{TOOLS}/{name}");
        self.write(&path, &format!("#!/bin/sh\n{script}\n"));
        fs::set_permissions(self.path(&path), fs::Permissions::from_mode(0o755)).unwrap();
        self
    }

    /// The processes that work in the book's folder.
    pub(crate) fn processes(&self) -> Vec<String> {
        let root = self.path("").canonicalize().unwrap();
        let entries = fs::read_dir("/proc").unwrap().flatten();
        entries
            .filter(|entry| {
                fs::read_link(entry.path().join("cwd")).is_ok_and(|cwd| cwd.starts_with(&root))
            })
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect()
    }

    /// The runner with these arguments, not yet started.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_walkthrough"));
        command.args(arguments).current_dir(self.folder.path()).env_remove("CARGO_TARGET_DIR");
        let paths = env::var("PATH").unwrap();
        command.env("PATH", format!("{}:{paths}", self.path(TOOLS).display()));
        command
    }

    /// What a program prints in the book's folder.
    pub(crate) fn program(&self, name: &str, arguments: &[&str]) -> String {
        let mut command = Command::new(name);
        command.args(arguments).current_dir(self.folder.path()).env_remove("CARGO_TARGET_DIR");
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Said {
        let Output { status, stdout, stderr } = self.command(arguments).output().unwrap();
        let text = String::from_utf8_lossy(&[stdout, stderr].concat()).into_owned();
        Said { code: status.code().unwrap_or(-1), text }
    }

    /// Plays the page; it must be right.
    pub(crate) fn passes(&self) {
        let said = self.run(&["01"]);
        assert_eq!(said.code, 0, "{}", said.text);
    }

    /// Plays the page; it must be wrong at this line, in these words.
    pub(crate) fn fails_at(&self, line: usize, words: &str) -> String {
        let said = self.run(&["01"]);
        assert_eq!(said.code, 1, "{}", said.text);
        let place = format!("{PAGE}:{line}: ");
        let first = said.text.lines().find(|text| text.starts_with(&place));
        assert!(first.is_some_and(|text| text.contains(words)), "{}", said.text);
        said.text
    }
}

/// A page of one block.
pub(crate) fn block(info: &str, lines: &str) -> String {
    format!("# Page\n\n```{info}\n{lines}\n```\n")
}
