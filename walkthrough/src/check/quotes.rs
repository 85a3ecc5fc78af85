//! Code that a page quotes stands in the file like that.

use std::fs;
use std::path::Path;

use crate::block::Block;
use crate::failure::Failure;

/// The words of a quotation that is not in its file, if it is not.
pub(crate) fn check(block: &Block, path: &str, root: &Path) -> Option<Failure> {
    let Ok(text) = fs::read_to_string(root.join(path)) else {
        return Some(Failure::new(block.line, format!("no file `{path}` to quote from")));
    };
    let source: Vec<&str> = text.lines().map(str::trim).collect();
    let mut from = 0;
    let mut at = 0;
    for part in block.lines.split(|line| is_elision(line)) {
        let wanted: Vec<&str> = part.iter().map(|line| line.trim()).collect();
        let blank = |line: &&&str| line.is_empty();
        let lead = wanted.iter().take_while(blank).count();
        let tail = wanted[lead..].iter().rev().take_while(blank).count();
        let wanted_part = &wanted[lead..wanted.len() - tail];
        match find(wanted_part, &source[from..]) {
            Some(place) => from += place + wanted_part.len(),
            None => {
                let line = block.line + 1 + at + lead;
                return Some(Failure::new(line, format!("`{path}` does not have these lines")));
            }
        }
        at += part.len() + 1;
    }
    None
}

fn find(wanted: &[&str], source: &[&str]) -> Option<usize> {
    (0..=source.len().checked_sub(wanted.len())?).find(|&at| source[at..].starts_with(wanted))
}

/// A comment of dots, or only dots.
fn is_elision(line: &str) -> bool {
    let words = line.trim().trim_start_matches(['/', '-', '#', '*']);
    matches!(words.trim(), "..." | "…")
}
