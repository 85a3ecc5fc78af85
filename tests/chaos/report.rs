//! What came of the runs, for people.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use comfy_table::{ContentArrangement, Table};
use tokio::task::JoinError;

use crate::choice::Run;
use crate::ledger::{Counts, Ledger, Violation};

/// How many violations of one promise are shown in full.
const SHOWN: usize = 5;

/// What came of a run.
pub(crate) struct Report {
    run: Run,
    took: Duration,
    ledger: Ledger,
    pub(crate) violations: Vec<Violation>,
    /// The folder of a run that failed.
    kept: Option<PathBuf>,
}

impl Report {
    pub(crate) fn new(run: Run, took: Duration, ledger: Ledger, kept: Option<PathBuf>) -> Self {
        let violations = ledger.violations.clone();
        Self { run, took, ledger, violations, kept }
    }

    /// Of a run that broke off.
    pub(crate) fn of_panic(run: Run, error: &JoinError) -> Self {
        let mut ledger = Ledger::default();
        ledger.broken("the test itself does not panic", error.to_string());
        Self::new(run, Duration::ZERO, ledger, None)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ledger { actions, answers, faults, .. } = &self.ledger;
        writeln!(f, "  clients: {}", list(actions))?;
        writeln!(f, "  faults:  {}", list(faults))?;
        writeln!(f, "  answers: {}", list(answers))?;
        let mut by_promise: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for violation in &self.violations {
            by_promise.entry(violation.promise).or_default().push(&violation.detail);
        }
        for (promise, details) in by_promise {
            writeln!(f, "  BROKEN, {} times: {promise}", details.len())?;
            for detail in details.iter().take(SHOWN) {
                writeln!(f, "    {detail}")?;
            }
        }
        if let Some(kept) = &self.kept {
            writeln!(f, "  journal and logs: {}", kept.display())?;
        }
        let word = if self.violations.is_empty() { "ok" } else { "FAILED" };
        write!(f, "{} ... {word} in {:.1} s", self.run, self.took.as_secs_f64())
    }
}

/// All runs below each other.
pub(crate) fn table(reports: &[Report]) -> Table {
    let mut table = Table::new();
    table.set_content_arrangement(ContentArrangement::Dynamic).set_width(160);
    table.set_header(["Run", "Seconds", "Clients", "Faults", "Answers", "Broken promises"]);
    for report in reports {
        let mut broken = Counts::new();
        for violation in &report.violations {
            *broken.entry(violation.promise.to_owned()).or_default() += 1;
        }
        table.add_row([
            report.run.to_string(),
            format!("{:.1}", report.took.as_secs_f64()),
            list(&report.ledger.actions),
            list(&report.ledger.faults),
            list(&report.ledger.answers),
            if broken.is_empty() { "none".to_owned() } else { list(&broken) },
        ]);
    }
    table
}

fn list(counts: &Counts) -> String {
    let counts: Vec<String> =
        counts.iter().map(|(name, count)| format!("{name} {count}")).collect();
    counts.join(", ")
}
