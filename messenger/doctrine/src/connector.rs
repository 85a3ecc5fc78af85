//! How a connection is opened: by the URL alone, or as the application opens it.

use std::sync::Arc;

use diesel::ConnectionResult;

use super::backend::{self, Backend};
use super::connection::DbConnection;
use super::error::DatabaseError;

/// Opens a connection to the database of this URL.
pub(super) type Connect = dyn Fn(&str) -> ConnectionResult<DbConnection> + Send + Sync;

/// Opens every connection to one database.
#[derive(Clone)]
pub(super) struct Connector {
    url: Arc<str>,
    backend: Backend,
    connect: Option<Arc<Connect>>,
}

impl Connector {
    pub(super) fn new(url: &str, connect: Option<Arc<Connect>>) -> Result<Self, DatabaseError> {
        Ok(Self { url: url.into(), backend: Backend::of_url(url)?, connect })
    }

    /// The URL with its password.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    pub(super) fn backend(&self) -> Backend {
        self.backend
    }

    /// Whether the application opens the connections.
    pub(super) fn is_foreign(&self) -> bool {
        self.connect.is_some()
    }

    /// Whether both lead to one database, as far as can be known.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let same_way = match (&self.connect, &other.connect) {
            (None, None) => true,
            (Some(one), Some(other)) => Arc::ptr_eq(one, other),
            _ => false,
        };
        same_way && self.url == other.url
    }

    /// Opens a connection and tells it what the queues rely on. May block.
    pub(super) fn open(&self) -> Result<DbConnection, DatabaseError> {
        let Some(connect) = &self.connect else { return DbConnection::open(&self.url) };
        let mut connection =
            connect(&self.url).map_err(|error| backend::refused(&self.url, &error))?;
        if connection.backend() != self.backend {
            let given = format!("what was opened is {:?}", connection.backend());
            return Err(DatabaseError::connect(backend::mask_password(&self.url), &given));
        }
        connection.set_up()?;
        Ok(connection)
    }
}
