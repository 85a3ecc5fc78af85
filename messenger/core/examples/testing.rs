//! How an application tests its messages: the queue is in memory, the time is set by hand, and
//! nothing sleeps.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use messenger::clock::{Clock, ManualClock};
use messenger::stamp::RedeliveryStamp;
use messenger::transport::InMemoryFactory;
use messenger::worker::{Worker, WorkerOptions};
use messenger::{Data, Message, Messenger};
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Message)]
struct Charge {
    euros: u32,
}

/// Calls of a service that is away the first time.
#[derive(Default)]
struct Calls(AtomicUsize);

async fn charge(charge: &Charge, calls: Data<Calls>) -> Result<(), std::io::Error> {
    if calls.0.fetch_add(1, Ordering::Relaxed) == 0 {
        return Err(std::io::Error::other("the bank does not answer"));
    }
    println!("charged {} euros", charge.euros);
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let clock = ManualClock::default();
    let queues = InMemoryFactory::default();
    let messenger = Messenger::builder(|| ())
        .clock(Clock::Manual(clock.clone()))
        .factory(queues.clone())
        .data(Calls::default())
        .handler(charge)
        // Written and read on its way, as in a real queue: what cannot be written is seen here.
        .transport_dsn("payments", "in-memory://?serialize=true")
        .route::<Charge>(&["payments"])
        .build()?;

    messenger.dispatch(Charge { euros: 5 }).await?;
    let queue = queues.get("payments").ok_or("the queue was made")?;
    println!("{} waits", queue.waiting().len());

    let worker = Worker::new(messenger, &["payments"], WorkerOptions::default())?;
    worker.run_once().await;
    let retry = queue.waiting()[0].last::<RedeliveryStamp>().map(|stamp| stamp.retry_count);
    println!("retry {} waits", retry.unwrap_or_default());

    println!("{} handled too early", worker.run_once().await);
    clock.advance(Duration::from_secs(2));
    println!("{} handled after two seconds", worker.run_once().await);
    Ok(())
}
