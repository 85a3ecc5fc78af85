//! Plays a page.

use std::path::Path;
use std::time::Duration;

use anyhow::bail;

use crate::block::{Block, Purpose};
use crate::browser::{self, Browser, Instruction};
use crate::failure::Failure;
use crate::guard::MARK;
use crate::page::Page;
use crate::record::{Edit, apply};
use crate::stage::{Manner, Stage};
use crate::{console, patch};

/// Where screenshots are.
const PICTURES: &str = "docs/walkthrough/pictures";

/// What came of a scene.
#[derive(Debug)]
pub(crate) struct Played {
    /// How many commands, diffs and instructions have passed.
    pub(crate) passed: usize,
    /// Where it failed.
    pub(crate) failure: Option<Failure>,
    /// Whether the sources of the clone were touched.
    pub(crate) changed_sources: bool,
    /// How long its own builds took.
    pub(crate) building: Duration,
    /// The page as it should be, if it is recorded and differs.
    pub(crate) text: Option<String>,
}

impl Played {
    /// A scene for which no time was left.
    pub(crate) fn too_late() -> Self {
        Self {
            passed: 0,
            failure: Some(Failure::new(1, "not played: the limit of time is reached")),
            changed_sources: false,
            building: Duration::ZERO,
            text: None,
        }
    }
}

/// Plays all blocks of a page in the clone, up to the first that fails. Ends all it has started.
pub(crate) fn play(page: &Page, manner: &Manner, clone: &Path) -> Played {
    let mut stage = Stage::new(manner, clone);
    let mut failure = None;
    let mut changed_sources = false;
    for block in &page.blocks {
        let played = match block.purpose() {
            Ok(Purpose::Console(options)) => {
                console::play(&mut stage, block, &options).map_err(|mut failure| {
                    failure.detail.extend(stage.other_terminals(&options.terminal));
                    failure
                })
            }
            Ok(Purpose::Diff) => {
                changed_sources = true;
                change(&mut stage, block)
            }
            Ok(Purpose::Browser) => browse(&mut stage, block).map_err(|mut failure| {
                failure.detail.extend(stage.other_terminals(""));
                failure
            }),
            Ok(Purpose::Quote(_) | Purpose::Reading) => Ok(()),
            Err(error) => Err(error.into()),
        };
        if let Err(found) = played {
            failure = Some(found.at(block.line));
            break;
        }
    }
    manner.guard.stay_if_interrupted();
    let Stage { edits, passed, building, terminals, browser, .. } = stage;
    // Its driver closes it sooner when it is told to than when everything is ended.
    drop(browser);
    manner.guard.end_all();
    drop(terminals);
    let text = apply(&page.text, &edits);
    let text = (manner.record && text != page.text).then_some(text);
    Played { passed, failure, changed_sources, building, text }
}

/// Makes the change of a `diff` block.
fn change(stage: &mut Stage<'_>, block: &Block) -> Result<(), Failure> {
    let mut lines = block.lines.clone();
    if stage.manner.record {
        lines = patch::with_true_headers(&lines, stage.clone)?;
        if lines != block.lines {
            stage.edits.push(Edit::within(block, block.line + 1, block.lines.len(), &lines));
        }
    }
    if let Some((at, words)) = patch::wrong_counts(&lines).into_iter().next() {
        return Err(Failure::new(block.line + 1 + at, words));
    }
    let turn = stage.manner.guard.turn();
    patch::apply(&lines, stage.clone)?;
    drop(turn);
    stage.passed += 1;
    Ok(())
}

/// Follows the instructions of a `browser` block.
fn browse(stage: &mut Stage<'_>, block: &Block) -> Result<(), Failure> {
    for (number, line) in block.lines.iter().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        let at = block.line + 1 + number;
        perform(stage, line).map_err(|error| Failure::from(error).at(at))?;
        stage.passed += 1;
    }
    Ok(())
}

fn perform(stage: &mut Stage<'_>, line: &str) -> anyhow::Result<()> {
    let instruction = Instruction::parse(&stage.address.real_words(line))?;
    let root = &stage.manner.root;
    let picture = instruction.screenshot().filter(|_| stage.manner.record);
    let picture = picture.map(|name| root.join(PICTURES).join(format!("{name}.png")));
    let mut browser = match stage.browser.take() {
        Some(browser) => browser,
        None => {
            let guard = &stage.manner.guard;
            let _turn = guard.turn();
            Browser::start(root, &stage.clone.join(".."), (MARK, guard.mark()))?
        }
    };
    let base = format!("http://{}", stage.address.gallery());
    let deadline = stage.deadline(browser::PATIENCE);
    let done = browser.perform(&instruction, &base, stage.clone, picture.as_deref(), deadline);
    stage.browser = Some(browser);
    if !done? {
        bail!("the browser has not done this {}", stage.too_late(browser::PATIENCE));
    }
    Ok(())
}
