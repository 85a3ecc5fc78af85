//! Runs the walkthrough: every page is followed as a reader follows it, and must show what happens.

mod address;
mod block;
mod book;
mod browser;
mod check;
mod console;
mod console_block;
mod failure;
mod guard;
mod mutate;
mod own_builds;
mod page;
mod patch;
mod programs;
mod record;
mod run;
mod scene;
mod scratch;
mod screen;
mod stage;
mod terminal;
mod transcript;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use clap::Parser;

use guard::Guard;
use page::Page;
use run::{Playground, play_all};
use stage::Manner;

/// How many steps a full run spoils.
const SPOILED: usize = 2;

/// Follows the pages of the walkthrough as a reader does, and compares.
#[derive(Parser, Debug)]
#[command(
    name = "walkthrough",
    after_help = "Examples:\n  walkthrough\n  walkthrough 05\n  walkthrough --record 05"
)]
struct Arguments {
    /// Which pages: the number at the beginning of their file names, or a part of their paths
    pages: Vec<String>,
    /// Write the real outputs, line numbers and screenshots into the pages
    #[arg(long)]
    record: bool,
    /// Play nothing, only check links, names and quotations
    #[arg(long, conflicts_with = "record")]
    check: bool,
    /// Spoil so many steps of the book at random, and demand that the runner notices
    #[arg(
        long,
        value_name = "N",
        num_args = 0..=1,
        default_missing_value = "2",
        conflicts_with_all = ["record", "check"]
    )]
    mutate: Option<usize>,
    /// The beginning of the random numbers of --mutate
    #[arg(long)]
    seed: Option<u64>,
    /// End after so many seconds
    #[arg(long, value_name = "SECONDS")]
    limit: Option<u64>,
    /// The root of the repository
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    root: PathBuf,
}

fn main() -> ExitCode {
    match work(&Arguments::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("walkthrough: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// Does what the arguments say; whether all is well.
fn work(arguments: &Arguments) -> Result<bool> {
    let root = arguments.root.canonicalize().context("no such folder")?;
    let pages = book::choose(book::pages(&root)?, &arguments.pages)?;
    if arguments.check {
        return check_all(&pages, &root);
    }
    let guard = Guard::new()?;
    let limit = arguments.limit.map(|seconds| Instant::now() + Duration::from_secs(seconds));
    let manner = Manner { root, record: arguments.record, limit, guard };
    let good = follow(&pages, arguments, &manner);
    // The rest is up to the one who was interrupted.
    manner.guard.stay_if_interrupted();
    good
}

/// Plays pages, or spoils them; whether all is well.
fn follow(pages: &[Page], arguments: &Arguments, manner: &Manner) -> Result<bool> {
    let root = &manner.root;
    let mut ground = Playground::prepare(root, &target(root)?, &manner.guard)?;
    let seed = arguments.seed.unwrap_or_else(|| fastrand::u64(..1_000_000));
    if let Some(count) = arguments.mutate {
        return mutate::mutate(pages, count, seed, manner, &mut ground);
    }
    let score = play_all(pages, manner, &mut ground)?;
    // What has been recorded is checked as it is now.
    let pages = book::choose(book::pages(root)?, &arguments.pages)?;
    let mut good = check_all(&pages, root)? && score.is_good();
    if score.is_good() && score.played() > 0 && !arguments.record && arguments.pages.is_empty() {
        good &= mutate::mutate(&pages, SPOILED, seed, manner, &mut ground)?;
    }
    Ok(good)
}

/// Checks pages without playing them.
fn check_all(pages: &[Page], root: &Path) -> Result<bool> {
    let repository = check::Repository::read(root)?;
    let mut wrong = 0;
    for page in pages {
        for failure in check::page(page, &repository)? {
            println!("{}", failure.on(&page.path));
            wrong += 1;
        }
    }
    match wrong {
        0 => println!("{} pages checked: links, names, quotations", pages.len()),
        wrong => println!("{} pages checked, {wrong} mistakes", pages.len()),
    }
    Ok(wrong == 0)
}

/// Where Cargo builds.
fn target(root: &Path) -> Result<PathBuf> {
    let named = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    let target = root.join(named.unwrap_or_else(|| "target".into()));
    std::fs::create_dir_all(&target)?;
    target.canonicalize().context("no target directory")
}
