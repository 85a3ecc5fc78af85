//! What a dispatch in process costs: through the full default stack, handler included.
//!
//! `cargo bench -p ponka-messenger --bench dispatch`. The bar: at most 1 µs a message.

use std::hint::black_box;
use std::time::{Duration, Instant};

use messenger::{BusName, Context, Handler, HandlerError, Message, Messenger};
use serde::{Deserialize, Serialize};

const BUS: BusName = BusName::new("command.bus");
const ROUNDS: u32 = 7;
const MESSAGES: u32 = 200_000;

#[derive(Debug, Serialize, Deserialize)]
struct Ping(u32);

impl Message for Ping {
    const NAME: &'static str = r"App\Message\Ping";
}

struct PingHandler;

impl Handler<Ping, ()> for PingHandler {
    type Output = ();

    async fn handle(&self, message: &Ping, _: &mut Context<()>) -> Result<(), HandlerError> {
        black_box(message.0);
        Ok(())
    }
}

/// The same call without a bus: the floor of this machine in this run.
async fn bare(handler: &PingHandler, message: &Ping, cx: &mut Context<()>) {
    handler.handle(message, cx).await.expect("it cannot fail");
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64() * 1e9 / f64::from(MESSAGES)
}

fn main() {
    let messenger = Messenger::builder(|| ())
        .bus(BUS, |bus| bus.handler::<Ping>(PingHandler))
        .build()
        .expect("the configuration works");
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let (mut buses, mut floors) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        buses.push(runtime.block_on(async {
            let started = Instant::now();
            for number in 0..MESSAGES {
                black_box(messenger.dispatch_on(BUS, Ping(number)).await.expect("handled"));
            }
            started.elapsed()
        }));
        floors.push(runtime.block_on(async {
            let mut cx = messenger.context(BUS);
            let started = Instant::now();
            for number in 0..MESSAGES {
                bare(&PingHandler, black_box(&Ping(number)), &mut cx).await;
            }
            started.elapsed()
        }));
    }
    println!(
        "dispatch through the default stack (6 steps and the handler), median of {ROUNDS} rounds"
    );
    println!("  {:>8.0} ns a message   (bar: 1000 ns)", median(buses));
    println!("  {:>8.0} ns the handler alone", median(floors));
}
