//! Which runs there are: of which seeds, on which databases.
//!
//! `PONKA_CHAOS_SEEDS=1,2,11` names the seeds, `PONKA_CHAOS_RUNS=200` takes those from 1 to 200; by
//! default there are a few. Words on the command line choose among the runs, as with other tests.

use std::fmt;

use messenger_doctrine::Backend;

/// As many as `./script/test` has time for.
const RUNS: u64 = 2;

/// One run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Run {
    pub(crate) seed: u64,
    pub(crate) backend: Backend,
}

/// What was asked for.
pub(crate) struct Choice {
    pub(crate) runs: Vec<Run>,
    pub(crate) filtered_out: usize,
    /// `--list`: only say which runs there are.
    pub(crate) only_list: bool,
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "seed_{}_on_{}", self.seed, name(self.backend))
    }
}

/// What the database is called.
pub(crate) const fn name(backend: Backend) -> &'static str {
    match backend {
        Backend::Sqlite => "sqlite",
        Backend::Postgres => "postgres",
    }
}

impl Choice {
    /// Reads the environment and the command line.
    pub(crate) fn read() -> Self {
        let arguments: Vec<String> = std::env::args().skip(1).collect();
        let words = words(&arguments);
        let is_exact = arguments.iter().any(|argument| argument == "--exact");
        let is_chosen = |run: &Run| {
            let name = run.to_string();
            let matches =
                |word: &&String| if is_exact { name == **word } else { name.contains(*word) };
            words.is_empty() || words.iter().any(matches)
        };
        let all: Vec<Run> = seeds()
            .into_iter()
            .flat_map(|seed| backends().into_iter().map(move |backend| Run { seed, backend }))
            .collect();
        let runs: Vec<Run> = all.iter().copied().filter(is_chosen).collect();
        let filtered_out = all.len() - runs.len();
        Self { runs, filtered_out, only_list: arguments.iter().any(|word| word == "--list") }
    }
}

/// The arguments that are no options, nor the value of one.
fn words(arguments: &[String]) -> Vec<&String> {
    let takes_value = |option: &str| {
        matches!(option, "--test-threads" | "--skip" | "--format" | "--color" | "--logfile" | "-Z")
    };
    let mut words = Vec::new();
    let mut before = "";
    for argument in arguments {
        if !argument.starts_with('-') && !takes_value(before) {
            words.push(argument);
        }
        before = argument;
    }
    words
}

fn seeds() -> Vec<u64> {
    if let Ok(seeds) = std::env::var("PONKA_CHAOS_SEEDS") {
        let number = |seed: &str| seed.trim().parse().expect("PONKA_CHAOS_SEEDS is like 1,2,11");
        return seeds.split(',').map(number).collect();
    }
    let runs = std::env::var("PONKA_CHAOS_RUNS")
        .map_or(RUNS, |runs| runs.parse().expect("PONKA_CHAOS_RUNS is a number"));
    (1..=runs).collect()
}

fn backends() -> Vec<Backend> {
    if std::env::var_os("PONKA_TEST_POSTGRES_URL").is_some() {
        return vec![Backend::Sqlite, Backend::Postgres];
    }
    let all = std::env::var("PONKA_TEST_BACKENDS").is_ok_and(|value| value == "all");
    assert!(!all, "PONKA_TEST_BACKENDS=all needs PONKA_TEST_POSTGRES_URL");
    println!("not tested: postgres, because PONKA_TEST_POSTGRES_URL is not set");
    vec![Backend::Sqlite]
}
