//! Writes down which SQL runs.

use messenger_doctrine::{SqlObserver, SqlRecorder, SqlStatement};

use super::current::current;
use super::recording::Recording;

/// Tells the current recording of every statement.
#[derive(Debug, Clone, Copy)]
pub struct Statements;

impl SqlObserver for Statements {
    fn recorder(&self) -> Option<Box<dyn SqlRecorder>> {
        current().map(|recording| Box::new(recording) as Box<dyn SqlRecorder>)
    }
}

impl SqlRecorder for Recording {
    fn statement(&mut self, statement: &SqlStatement<'_>) {
        self.add_statement(statement);
    }
}
