//! The transport that keeps its queue in a database table, and the unit of work beside it.
//!
//! The table, its columns and its dates are those of Symfony's Doctrine transport, so that a PHP
//! application can share the queue. What this library needs beyond them lives in tables of its
//! own: `<table>_deliveries`, `messenger_outbox`, `messenger_discards`, `messenger_signals`.

mod backend;
mod changes;
mod claim;
mod commit;
mod connection;
mod database;
mod database_file;
mod dates;
mod deliveries;
mod dialect;
mod discards;
mod error;
mod factory;
mod head;
mod idle;
mod layout;
mod libpq;
mod listener;
mod opening;
mod options;
mod outbox;
mod patience;
#[cfg(test)]
mod plan;
mod pool;
mod queue;
mod receive;
mod schema;
mod signal;
mod sql_observer;
mod standing;
mod table_name;
mod text;
mod threads;
mod transport;
mod trigger;
mod unit_of_work;
mod watcher;

pub use backend::Backend;
pub use changes::Changes;
pub use connection::DbConnection;
pub use database::Database;
pub use discards::Discard;
pub use error::DatabaseError;
pub use factory::DoctrineFactory;
pub use options::{DOCTRINE_OPTIONS, DoctrineOptions};
pub use schema::setup_support_tables;
pub use signal::DatabaseSignal;
pub use sql_observer::{SqlObserver, SqlRecorder, SqlStatement};
pub use transport::DoctrineTransport;
pub use unit_of_work::UnitOfWork;
