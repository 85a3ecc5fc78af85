//! The shortest way to a messenger on a database.

use messenger::{Messenger, MessengerBuilder};

use super::database::Database;
use super::factory::DoctrineFactory;
use super::unit_of_work::UnitOfWork;

/// A builder of a messenger whose handlers each get a unit of work on this database, and which knows
/// `doctrine://` transports in it. An application with a scope of its own starts with
/// [`Messenger::builder`] and gives it a [`DoctrineFactory`].
#[must_use]
pub fn builder(database: &Database) -> MessengerBuilder<UnitOfWork> {
    let scope = database.clone();
    Messenger::builder(move || UnitOfWork::new(scope.clone()))
        .factory(DoctrineFactory::new(database.clone()))
}
