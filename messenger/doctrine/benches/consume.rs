//! How fast a worker consumes: 20,000 no-op messages, each acknowledged durably.
//!
//! `cargo bench -p ponka-messenger-doctrine --bench consume`. SQLite runs in a temporary folder, PostgreSQL where
//! `PONKA_TEST_POSTGRES_URL` says. Beside each figure stands, from the same run, a bare loop of SQL
//! that claims and deletes in batches of the same size, two commits a batch like the worker: what
//! the database itself can do.

mod queue;

use std::time::{Duration, Instant};

use messenger::transport::Transport;
use messenger::worker::{Worker, WorkerOptions};

use messenger_doctrine::UnitOfWork;
use queue::{Bench, MESSAGES};

const ROUNDS: usize = 3;
/// How many rows the bare loop takes at once: what the worker claims at most.
const BATCH: usize = 256;

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    for url in queue::urls() {
        runtime.block_on(async {
            let bench = Bench::open(&url).await;
            println!("{} ({})", bench.title, bench.durability().await);
            let worker = best(&bench, consume).await;
            let bare = best(&bench, bare_loop).await;
            let rate = |time: Duration| MESSAGES as f64 / time.as_secs_f64();
            println!("  worker, default settings  {:>9.0} messages/s", rate(worker));
            println!("  bare SQL, {BATCH} at once     {:>9.0} messages/s", rate(bare));
            println!("  ratio                     {:>9.2}", rate(worker) / rate(bare));
            for rows in [1_000, 1_000_000] {
                let (claim, rss) = claim_cost(&bench, rows).await;
                println!("  claim at {rows:>9} rows     {claim:>9.2?}   resident {rss} MiB");
            }
            bench.close().await;
        });
    }
}

async fn best(bench: &Bench, run: impl AsyncFn(&Bench) -> Duration) -> Duration {
    let mut best = Duration::MAX;
    for _ in 0..ROUNDS {
        bench.fill(MESSAGES).await;
        best = best.min(run(bench).await);
        assert_eq!(bench.left().await, 0, "every message was acknowledged");
    }
    best
}

async fn consume(bench: &Bench) -> Duration {
    let options = WorkerOptions { limit: Some(MESSAGES as u64), ..WorkerOptions::default() };
    let worker = Worker::new(bench.messenger(), &["async"], options).expect("a worker");
    let started = Instant::now();
    worker.run(std::future::pending()).await;
    started.elapsed()
}

async fn bare_loop(bench: &Bench) -> Duration {
    let started = Instant::now();
    while bench.take_batch(BATCH).await > 0 {}
    started.elapsed()
}

/// The median time of a claim, and the memory of this process, with so many rows waiting.
async fn claim_cost(bench: &Bench, rows: usize) -> (Duration, u64) {
    bench.fill(rows).await;
    let transport = bench.transport();
    let receiver = Transport::<UnitOfWork>::receiver(&*transport).expect("it receives");
    let mut times = Vec::new();
    for _ in 0..51 {
        let started = Instant::now();
        let claimed = receiver.get(&messenger::transport::Fetch::up_to(10)).await.expect("a claim");
        times.push(started.elapsed());
        receiver.ack(&claimed).await.expect("an acknowledgement");
    }
    times.sort();
    let rss = messenger::worker::resident_bytes().unwrap_or(0) >> 20;
    bench.clear().await;
    (times[times.len() / 2], rss)
}
