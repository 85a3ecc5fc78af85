#![doc = include_str!("../README.md")]

#[cfg(not(any(feature = "sqlite", feature = "postgres")))]
compile_error!("one of the features `sqlite` and `postgres` is needed");

mod abilities;
mod backend;
mod builder;
mod changes;
mod claim;
mod commit;
mod connection;
mod connector;
mod database;
mod database_file;
mod database_options;
mod dates;
mod deliveries;
mod dialect;
mod discards;
mod error;
mod factory;
#[cfg(feature = "sqlite")]
mod file_watcher;
mod head;
#[cfg(test)]
#[cfg(all(feature = "sqlite", feature = "postgres"))]
mod head_tests;
mod idle;
mod layout;
#[cfg(feature = "postgres")]
mod libpq;
#[cfg(feature = "postgres")]
mod listener;
mod notify;
mod opening;
mod options;
mod outbox;
mod patience;
mod pool;
mod queue;
mod receive;
mod schema;
mod server_time;
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
pub use builder::builder;
pub use changes::Changes;
pub use connection::DbConnection;
pub use database::Database;
pub use database_options::DatabaseOptions;
pub use discards::Discard;
pub use error::DatabaseError;
pub use factory::DoctrineFactory;
pub use options::{DOCTRINE_OPTIONS, DoctrineOptions};
pub use schema::setup_support_tables;
pub use signal::DatabaseSignal;
pub use sql_observer::{SqlObserver, SqlRecorder, SqlStatement};
pub use transport::DoctrineTransport;
pub use unit_of_work::{DatabaseContext, UnitOfWork};
