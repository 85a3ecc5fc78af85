//! Names of files and tests that a page speaks of are still their names.

use std::path::Path;
use std::sync::LazyLock;

use anyhow::Result;
use pulldown_cmark::Event;
use regex::Regex;

use super::Repository;
use crate::failure::Failure;
use crate::page::{Page, line_at, parser};
use crate::scratch::git;

static TEST: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^[a-z][a-z0-9]*(_[a-z0-9]+){3,}$").expect("a well-formed pattern")
});
static PATH: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^[\w.-]+(/[\w.-]+)*/?(:\d+)?$").expect("a well-formed pattern"));
/// A word with one of these endings is the name of a file.
const ENDINGS: [&str; 6] = [".rs", ".toml", ".md", ".mjs", ".sql", ".lock"];

/// The names of a page that nothing has.
pub(crate) fn check(page: &Page, repository: &Repository<'_>) -> Result<Vec<Failure>> {
    let mut failures = Vec::new();
    for (event, range) in parser(&page.text).into_offset_iter() {
        let Event::Code(name) = event else { continue };
        let wrong = if TEST.is_match(&name) {
            (!is_name(repository, &name)).then(|| format!("nothing is named `{name}`"))
        } else if PATH.is_match(&name) {
            (!is_file(page, repository, &name)?).then(|| format!("there is no file `{name}`"))
        } else {
            None
        };
        let line = line_at(&page.text, range.start);
        failures.extend(wrong.map(|words| Failure::new(line, words)));
    }
    Ok(failures)
}

/// A function or a key of ours, or a word in a browser test, a migration or the configuration.
fn is_name(repository: &Repository<'_>, name: &str) -> bool {
    let has = |text: &str, pattern: &str| Regex::new(pattern).expect("a plain word").is_match(text);
    has(&repository.rust, &format!("\\bfn {name}\\b|\"{name}\""))
        || has(&repository.others, &format!(r"\b{name}\b"))
}

fn is_file(page: &Page, repository: &Repository<'_>, name: &str) -> Result<bool> {
    let name = name.split(':').next().unwrap_or(name);
    let path = Path::new(name);
    let first = name.split('/').next().unwrap_or(name);
    if !name.contains('/') && !ENDINGS.iter().any(|ending| name.ends_with(ending))
        || name.contains('/') && !repository.top.contains(first)
    {
        return Ok(true);
    }
    if repository.root.join(path).exists() || made_by(page, name) {
        return Ok(true);
    }
    if !name.contains('/') && repository.files.iter().any(|file| file.ends_with(path)) {
        return Ok(true);
    }
    // What git ignores is made when the program runs.
    Ok(git(repository.root, ["check-ignore", "-q", name]).is_ok())
}

/// Whether a block of the page that is executed names the file: then the reader makes it.
fn made_by(page: &Page, name: &str) -> bool {
    let runs = |block: &&crate::block::Block| block.purpose().is_ok_and(|purpose| purpose.runs());
    let mut lines = page.blocks.iter().filter(runs).flat_map(|block| &block.lines);
    lines.any(|line| line.contains(name))
}
