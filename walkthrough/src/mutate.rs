//! Spoils steps of the book, to see that the runner notices.

use std::ops::Range;

use anyhow::{Result, bail};
use fastrand::Rng;

use crate::block::{Block, Purpose};
use crate::console_block::steps;
use crate::page::Page;
use crate::run::Playground;
use crate::stage::Manner;
use crate::transcript::{is_any_lines, literal_words};

/// Something that can be spoiled: a line of a page, and the word of it, or else all of it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Target {
    /// Which block of the page.
    block: usize,
    /// The line of the page, counted from 1.
    line: usize,
    word: Option<Range<usize>>,
}

/// Spoils so many random steps of these pages, one at a time; whether each was noticed.
pub(crate) fn mutate(
    pages: &[Page],
    count: usize,
    seed: u64,
    manner: &Manner,
    ground: &mut Playground,
) -> Result<bool> {
    println!("spoiling {count} steps, --seed {seed}");
    let mut random = Rng::with_seed(seed);
    let all: Vec<(&Page, Vec<Target>)> = pages
        .iter()
        .map(|page| (page, targets(page)))
        .filter(|(_, targets)| !targets.is_empty())
        .collect();
    let mut noticed = true;
    for _ in 0..count {
        let Some((page, targets)) = random.choice(&all) else { bail!("nothing to spoil") };
        let Some(target) = random.choice(targets) else { bail!("nothing to spoil") };
        let spoiled = spoil(page, target);
        let place = format!("{}:{}", page.path.display(), target.line);
        let failure = ground.play(&spoiled, manner)?.failure;
        if manner.is_over() {
            println!("{place}: not spoiled: the limit of time is reached");
            return Ok(false);
        }
        match failure {
            Some(failure) if failure.line > 0 => {
                println!("{place}: spoiled, and noticed: {}", failure.message);
            }
            _ => {
                noticed = false;
                println!("{place}: spoiled, and NOT noticed");
            }
        }
    }
    Ok(noticed)
}

/// All that can be spoiled on a page: lines of diffs, words of shown output.
fn targets(page: &Page) -> Vec<Target> {
    let mut targets = Vec::new();
    for (number, block) in page.blocks.iter().enumerate() {
        match block.purpose() {
            Ok(Purpose::Console(_)) => targets.extend(words(number, block)),
            Ok(Purpose::Diff) => targets.extend(
                (0..block.lines.len())
                    .filter(|&at| !block.lines[at].starts_with('\\'))
                    .filter(|&at| !block.lines[at].starts_with("diff --git "))
                    .filter(|&at| !block.lines[at].starts_with("index "))
                    .map(|at| Target { block: number, line: block.line + 1 + at, word: None }),
            ),
            _ => {}
        }
    }
    targets
}

fn words(number: usize, block: &Block) -> Vec<Target> {
    let mut targets = Vec::new();
    for step in steps(block).unwrap_or_default() {
        let shown = step.shown();
        let lines = shown.lines.iter().enumerate().filter(|(_, line)| !is_any_lines(line));
        for (at, line) in lines {
            let found = literal_words(line).into_iter().map(|word| Target {
                block: number,
                line: shown.line + at,
                word: Some(word),
            });
            targets.extend(found);
        }
    }
    targets
}

/// The page up to the block that is spoiled.
fn spoil(page: &Page, target: &Target) -> Page {
    let mut blocks = page.blocks[..=target.block].to_vec();
    if let Some(block) = blocks.last_mut() {
        let at = target.line - block.line - 1;
        match &target.word {
            Some(word) => block.lines[at].replace_range(word.clone(), "spoiled"),
            None => {
                block.lines.remove(at);
            }
        }
    }
    Page { path: page.path.clone(), text: page.text.clone(), blocks }
}
