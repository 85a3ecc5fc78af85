//! The queues in a database keep the contract of transports: in tables of their own and in those
//! that Symfony made.

use std::sync::Arc;

use messenger::TransportError;
use messenger::clock::{Clock, ManualClock};
use messenger::codec::Codec;
use messenger::transport::{Capabilities, Transport};
use messenger_contract::{Fixture, Skipped, Time};
use messenger_doctrine::{Database, DoctrineOptions, DoctrineTransport, UnitOfWork};

use crate::fixture::Store;
use test_database::TestDatabase;

struct InTables {
    store: Store,
    clock: ManualClock,
    own: Database,
    // Declared last: it goes when nobody uses it.
    database: TestDatabase,
}

impl InTables {
    fn new(store: Store) -> Result<Self, Skipped> {
        let database =
            store.database().ok_or_else(|| Skipped::because("there is no PostgreSQL server"))?;
        Ok(Self { store, clock: ManualClock::default(), own: database.open(), database })
    }
}

impl Fixture for InTables {
    type Scope = UnitOfWork;

    async fn open(
        &self,
        queue: &str,
        codec: Arc<dyn Codec>,
    ) -> Result<Arc<dyn Transport<UnitOfWork>>, TransportError> {
        let options = DoctrineOptions { queue_name: queue.to_owned(), ..self.store.options() };
        let clock = Clock::Manual(self.clock.clone());
        let transport =
            DoctrineTransport::new("async", self.database.open(), options, codec, clock);
        Ok(Arc::new(transport.expect("the options are right")))
    }

    fn scope(&self) -> UnitOfWork {
        UnitOfWork::new(self.own.clone())
    }

    fn time(&self) -> Time {
        self.store.cut(Time::manual(self.clock.clone()))
    }
}

macro_rules! on_each {
    ($($module:ident: $store:ident),+ $(,)?) => {$(
        mod $module {
            messenger_contract::run!(async || super::InTables::new(crate::fixture::Store::$store));
        }
    )+};
}

on_each! {
    sqlite: Sqlite,
    sqlite_symfony: SqliteSymfony,
    postgres: Postgres,
    postgres_symfony: PostgresSymfony,
}

/// No case is left out because an ability got lost.
#[test]
fn all_but_priorities_can_be_done() {
    let fixture = InTables::new(Store::Sqlite).expect("a file");
    let opened = fixture.open("default", messenger_contract::codec());
    let opened = crate::databases::block_on(opened).expect("a queue");
    let can = Capabilities::of(&*opened);
    let cannot: Vec<_> = can.iter().filter(|(_, can)| !can).map(|(what, _)| what).collect();
    assert_eq!(cannot, ["priorities"]);
}
