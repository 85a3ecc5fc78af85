//! Chaos: the real programs under load while everything around them fails.
//!
//! A seed chooses what several clients do, and which faults come between their steps (`plan.rs`).
//! Then all faults are undone, an operator finishes the work (`operator.rs`), and what was promised
//! must hold (`promises/`). Each run is a test of its own, with a name like `seed_3_on_postgres`;
//! `choice.rs` says how to choose other seeds. A run that fails keeps its folder, with the journal of
//! what happened and the logs of all programs, and says where it is.

#![expect(clippy::unwrap_used, reason = "what is missing in a test fails the test")]

mod browser;
mod choice;
mod clients;
mod disk;
mod faults;
mod journal;
mod ledger;
mod newcomers;
mod operator;
mod plan;
mod process;
mod programs;
mod promises;
mod report;
mod run;
mod uploads;
mod wait;
mod world;

#[path = "../it/support/client.rs"]
#[expect(dead_code, reason = "the rest is for the other tests of the application")]
mod client;
#[path = "../it/support/photos.rs"]
#[expect(dead_code, reason = "the rest is for the other tests of the application")]
mod photos;
#[path = "../../messenger/doctrine/tests/support/proxy.rs"]
#[expect(dead_code, reason = "the rest is for the other tests of the library")]
mod proxy;
#[path = "../it/support/smtp.rs"]
#[expect(dead_code, reason = "the rest is for the other tests of the application")]
mod smtp;

use std::process::ExitCode;
use std::time::Instant;

use tokio::signal::unix::{SignalKind, signal};

use choice::{Choice, Run};
use report::Report;

fn main() -> ExitCode {
    if let Some(code) = disk::start_again_where_disks_can_be_mounted() {
        return code;
    }
    let choice = Choice::read();
    if choice.only_list {
        for run in &choice.runs {
            println!("{run}: test");
        }
        return ExitCode::SUCCESS;
    }
    let (started, mut reports) = (Instant::now(), Vec::new());
    // More threads than cores: some wait for a database.
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.worker_threads(6).enable_all().build().unwrap();
    for run in &choice.runs {
        let Some(report) = runtime.block_on(unless_stopped(*run)) else {
            println!("Asked to stop: all programs are ended.");
            return ExitCode::FAILURE;
        };
        println!("{report}");
        reports.push(report);
    }
    if reports.len() > 1 {
        println!("\n{}", report::table(&reports));
    }
    let failed = reports.iter().filter(|report| !report.violations.is_empty()).count();
    println!(
        "test result: {}. {} passed; {failed} failed; 0 ignored; 0 measured; {} filtered out; \
         finished in {:.2}s\n",
        if failed == 0 { "ok" } else { "FAILED" },
        reports.len() - failed,
        choice.filtered_out,
        started.elapsed().as_secs_f64(),
    );
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The report of a run; `None` if somebody wants this program to end, and then nothing runs any more.
async fn unless_stopped(chosen: Run) -> Option<Report> {
    println!("\n{chosen}");
    let mut interrupt = signal(SignalKind::interrupt()).unwrap();
    let mut terminate = signal(SignalKind::terminate()).unwrap();
    let mut running = tokio::spawn(run::run(chosen));
    tokio::select! {
        done = &mut running => Some(done.unwrap_or_else(|error| Report::of_panic(chosen, &error))),
        _ = interrupt.recv() => end(running).await,
        _ = terminate.recv() => end(running).await,
    }
}

async fn end(running: tokio::task::JoinHandle<Report>) -> Option<Report> {
    running.abort();
    // Cancelled, as it should be, or done in the last moment.
    drop(running.await);
    None
}
