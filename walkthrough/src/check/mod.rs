//! What can be said of pages without playing them.

mod links;
mod names;
mod quotes;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::block::Purpose;
use crate::browser::Instruction;
use crate::failure::Failure;
use crate::page::Page;
use crate::{book, console_block, patch, scratch};

/// What the repository has that pages may name.
pub(crate) struct Repository<'a> {
    root: &'a Path,
    files: BTreeSet<PathBuf>,
    /// The folders and files at the top.
    top: BTreeSet<String>,
    /// The pages of the table of contents, if there is one.
    contents: Option<Vec<PathBuf>>,
    /// All Rust, in which tests are looked for.
    rust: String,
    /// All other sources that have names.
    others: String,
}

impl<'a> Repository<'a> {
    /// Reads what is needed of the working tree.
    pub(crate) fn read(root: &'a Path) -> Result<Self> {
        let files = scratch::files(root)?;
        let first = |path: &PathBuf| Some(path.iter().next()?.to_string_lossy().into_owned());
        let top = files.iter().filter_map(first).collect();
        let sources = |endings: &[&str]| {
            let is_source = |path: &&PathBuf| {
                let ending = path.extension().and_then(|extension| extension.to_str());
                ending.is_some_and(|ending| endings.contains(&ending))
            };
            let texts = files.iter().filter(is_source);
            let texts = texts.filter_map(|path| fs::read_to_string(root.join(path)).ok());
            texts.collect::<Vec<_>>().join("\n")
        };
        let (rust, others) = (sources(&["rs"]), sources(&["mjs", "sql", "toml"]));
        let has_contents = root.join(book::SUMMARY).exists();
        let contents = has_contents.then(|| book::contents(root)).transpose()?;
        Ok(Self { root, files, top, contents, rust, others })
    }
}

/// Everything that is wrong with a page, in the order of its lines.
pub(crate) fn page(page: &Page, repository: &Repository<'_>) -> Result<Vec<Failure>> {
    let mut failures = blocks(page, repository);
    failures.extend(links::check(page, repository.root)?);
    failures.extend(names::check(page, repository)?);
    for (number, line) in page.text.lines().enumerate() {
        if line.contains("TODO") {
            failures.push(Failure::new(number + 1, "something is left to do"));
        }
    }
    if repository.contents.as_ref().is_some_and(|pages| !pages.contains(&page.path)) {
        failures.push(Failure::new(1, format!("the page is not in {}", book::SUMMARY)));
    }
    failures.sort_by_key(|failure| failure.line);
    Ok(failures)
}

fn blocks(page: &Page, repository: &Repository<'_>) -> Vec<Failure> {
    let mut failures = Vec::new();
    for block in &page.blocks {
        let first = block.line + 1;
        match block.purpose() {
            Ok(Purpose::Console(_)) => {
                if let Err(error) = console_block::steps(block) {
                    failures.push(Failure::from(error).at(block.line));
                }
            }
            Ok(Purpose::Diff) => failures.extend(
                patch::wrong_counts(&block.lines)
                    .into_iter()
                    .map(|(at, words)| Failure::new(first + at, words)),
            ),
            Ok(Purpose::Browser) => {
                let lines = block.lines.iter().enumerate();
                for (at, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
                    if let Err(error) = Instruction::parse(line) {
                        failures.push(Failure::from(error).at(first + at));
                    }
                }
            }
            Ok(Purpose::Quote(path)) => {
                failures.extend(quotes::check(block, &path, repository.root));
            }
            Ok(Purpose::Reading) => {}
            Err(error) => failures.push(Failure::from(error).at(block.line)),
        }
    }
    failures
}
