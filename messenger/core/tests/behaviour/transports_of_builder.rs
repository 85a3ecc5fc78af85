//! Transports are made when everything is known: in whatever order the builder was told.

use messenger::config::MessengerConfig;
use messenger::transport::InMemoryFactory;
use messenger::worker::{Worker, WorkerOptions};

use crate::support::{COMMANDS, Command, World, built, records};

const QUEUE: &str = "[transports.t]\ndsn = 'in-memory://'\noptions = { serialize = true }\n";

#[tokio::test]
async fn a_transport_reads_messages_that_are_registered_after_it() {
    let world = World::new();
    let queues = InMemoryFactory::default();
    let text = format!("{QUEUE}[buses.'command.bus']\n[routing]\nCommand = 't'");
    let config = MessengerConfig::parse(&text).expect("the text is right");
    let builder = world.builder().factory(queues).configured_by(&config);
    let messenger =
        built(builder.bus(COMMANDS, |bus| bus.handler::<Command>(records("H", &world.log))));

    messenger.dispatch_on(COMMANDS, Command::from("c")).await.expect("sent");
    let worker = Worker::new(messenger, &["t"], WorkerOptions::default()).expect("it is there");

    assert_eq!(worker.run_once().await, 1);
    assert_eq!(world.log.take(), ["H c"]);
}
