//! Which database it is, and what differs in opening it and in its transactions.

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::prelude::*;

use super::connection::DbConnection;
use super::error::DatabaseError;
#[cfg(feature = "postgres")]
use super::libpq;
use messenger::dsn;

/// Which database it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// PostgreSQL.
    Postgres,
    /// SQLite.
    Sqlite,
}

/// What every SQLite connection is told. Commits are durable (`FULL`): an acknowledged message
/// stays acknowledged after a power cut.
#[cfg(feature = "sqlite")]
const SQLITE_SETTINGS: &str = "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; \
    PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;";

impl Backend {
    /// The feature of this package with which it is built.
    pub(super) fn feature(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Sqlite => "sqlite",
        }
    }

    /// The database of a URL.
    ///
    /// # Errors
    /// When the scheme is neither `sqlite` nor `postgres`.
    pub fn of_url(url: &str) -> Result<Self, DatabaseError> {
        match url.split_once("://").map(|(scheme, _)| scheme) {
            Some("sqlite") => Ok(Self::Sqlite),
            Some("postgres" | "postgresql") => Ok(Self::Postgres),
            _ => Err(DatabaseError::UnsupportedUrl(mask_password(url))),
        }
    }
}

/// Connections that open a new file at the same moment get into each other's way when they change it
/// to WAL: SQLite does not wait then, for fear of a deadlock. It does wait for a transaction.
#[cfg(feature = "sqlite")]
fn set_up(connection: &mut SqliteConnection) -> QueryResult<()> {
    const TRIES: usize = 100;
    let mut result = connection.batch_execute(SQLITE_SETTINGS);
    for _ in 0..TRIES {
        match &result {
            Err(error) if error.to_string() == "database is locked" => {}
            _ => break,
        }
        // Whether this one got through does not matter, only that it waited.
        connection.batch_execute("BEGIN IMMEDIATE; COMMIT").ok();
        result = connection.batch_execute(SQLITE_SETTINGS);
    }
    result
}

impl DbConnection {
    pub(super) fn open(url: &str) -> Result<Self, DatabaseError> {
        let opened = match Backend::of_url(url)? {
            #[cfg(feature = "postgres")]
            Backend::Postgres => PgConnection::establish(&libpq::bounded(url)).map(Self::Pg),
            #[cfg(feature = "sqlite")]
            Backend::Sqlite => SqliteConnection::establish(sqlite_path(url)?).map(Self::Sqlite),
            #[cfg(not(all(feature = "postgres", feature = "sqlite")))]
            backend => return Err(DatabaseError::NotBuilt(backend)),
        };
        let mut connection = opened.map_err(|error| refused(url, &error))?;
        connection.set_up()?;
        Ok(connection)
    }

    /// Tells a new connection what the queues rely on.
    pub(super) fn set_up(&mut self) -> QueryResult<()> {
        match self {
            // Dates are read as text: they must not look as the server's owner prefers.
            #[cfg(feature = "postgres")]
            Self::Pg(connection) => connection.batch_execute("SET datestyle TO ISO"),
            #[cfg(feature = "sqlite")]
            Self::Sqlite(connection) => set_up(connection),
        }
    }

    /// Which database it is.
    #[must_use]
    pub fn backend(&self) -> Backend {
        match self {
            #[cfg(feature = "postgres")]
            Self::Pg(_) => Backend::Postgres,
            #[cfg(feature = "sqlite")]
            Self::Sqlite(_) => Backend::Sqlite,
        }
    }

    /// Begins a transaction, or a savepoint. A transaction on SQLite begins `IMMEDIATE`: one that
    /// reads first and writes later could not be upgraded, however long it waits.
    pub(super) fn begin(&mut self) -> QueryResult<()> {
        match self {
            #[cfg(feature = "postgres")]
            Self::Pg(connection) => AnsiTransactionManager::begin_transaction(connection),
            #[cfg(feature = "sqlite")]
            Self::Sqlite(connection) => {
                let manager = AnsiTransactionManager::transaction_manager_status_mut(connection);
                match manager.transaction_depth()? {
                    Some(_) => AnsiTransactionManager::begin_transaction(connection),
                    None => {
                        AnsiTransactionManager::begin_transaction_sql(connection, "BEGIN IMMEDIATE")
                    }
                }
            }
        }
    }

    pub(super) fn commit(&mut self) -> QueryResult<()> {
        match self {
            #[cfg(feature = "postgres")]
            Self::Pg(connection) => AnsiTransactionManager::commit_transaction(connection),
            #[cfg(feature = "sqlite")]
            Self::Sqlite(connection) => AnsiTransactionManager::commit_transaction(connection),
        }
    }

    pub(super) fn rollback(&mut self) -> QueryResult<()> {
        match self {
            #[cfg(feature = "postgres")]
            Self::Pg(connection) => AnsiTransactionManager::rollback_transaction(connection),
            #[cfg(feature = "sqlite")]
            Self::Sqlite(connection) => AnsiTransactionManager::rollback_transaction(connection),
        }
    }
}

/// Refuses a URL that asks for TLS if this build has none, and warns before data crosses a network
/// in the clear: without TLS, libpq's default (`sslmode=prefer`) gives it up in silence.
pub(super) fn check_tls(url: &str) -> Result<(), DatabaseError> {
    if cfg!(feature = "postgres-tls") || Backend::of_url(url)? == Backend::Sqlite {
        return Ok(());
    }
    let (address, query) = url.split_once('?').unwrap_or((url, ""));
    let mode = query.split('&').find_map(|pair| pair.strip_prefix("sslmode="));
    if matches!(mode, Some("require" | "verify-ca" | "verify-full")) {
        return Err(DatabaseError::NoTls(mask_password(url)));
    }
    let place = address.split_once("://").map_or("", |(_, rest)| rest);
    let host = place.rsplit('@').next().and_then(|rest| rest.split('/').next()).unwrap_or_default();
    let is_here =
        host.is_empty() || ["localhost", "127.", "[::1]"].iter().any(|here| host.starts_with(here));
    if !is_here && mode != Some("disable") {
        tracing::warn!(
            target: "messenger",
            "The connection to {} is not encrypted: this program was built without TLS to \
             PostgreSQL (`--features postgres-tls`). Add sslmode=disable if that is meant.",
            mask_password(url)
        );
    }
    Ok(())
}

/// The URL with its secrets replaced by `***`: the password, also where it stands in the query.
pub(super) fn mask_password(url: &str) -> String {
    let masked = dsn::mask(url);
    // Elsewhere a lone user name may be a password; here it is a name.
    match credentials(url).map(|both| both.split_once(':').ok_or(both)) {
        Some(Err(user)) => masked.replacen("***@", &format!("{user}:***@"), 1),
        _ => masked,
    }
}

/// What stands before the host.
fn credentials(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?']).next()?;
    authority.rsplit_once('@').map(|(credentials, _)| credentials)
}

/// A connection could not be opened.
pub(super) fn refused(url: &str, error: &ConnectionError) -> DatabaseError {
    DatabaseError::connect(mask_password(url), &without_secrets(error, url))
}

/// An error of the database's client, which likes to quote the URL that it could not read.
fn without_secrets(error: &ConnectionError, url: &str) -> String {
    let mut text = error.to_string().replace(url, &mask_password(url));
    let password = credentials(url).and_then(|both| both.split_once(':')).map(|(_, word)| word);
    let (_, query) = url.split_once('?').unwrap_or_default();
    let values = query.split('&').filter_map(|pair| pair.split_once('='));
    let values = values.filter(|(key, _)| dsn::is_secret(key)).map(|(_, value)| value);
    for secret in password.into_iter().chain(values).filter(|secret| !secret.is_empty()) {
        text = text.replace(&format!("\"{secret}\""), "\"***\"");
    }
    text
}

/// The path of a SQLite URL. It has no options: a file would be made of their name.
pub(super) fn sqlite_path(url: &str) -> Result<&str, DatabaseError> {
    if url.contains('?') {
        return Err(DatabaseError::SqliteOptions(url.to_owned()));
    }
    Ok(url.strip_prefix("sqlite://").unwrap_or(url))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn q10_no_secret_of_a_url_is_shown_wherever_it_stands() {
        for (url, shown) in [
            ("postgres://u:secret@h/x", "postgres://u:***@h/x"),
            ("postgres://u@h/x", "postgres://u:***@h/x"),
            ("postgres://h/x?user=u&password=secret", "postgres://h/x?user=u&password=***"),
            ("postgres://h/x?password=sec@ret", "postgres://h/x?password=***"),
            ("postgres://u@h/x?pass%77ord=secret", "postgres://u:***@h/x?pass%77ord=***"),
            ("postgres://u:p@h/x?sslpassword=secret", "postgres://u:***@h/x?sslpassword=***"),
            ("postgres://h/x?passfile=/secret", "postgres://h/x?passfile=***"),
            ("sqlite://var/app.sqlite", "sqlite://var/app.sqlite"),
        ] {
            assert_eq!(mask_password(url), shown);
        }
        for url in [
            "postgres://u:secret@[::1/x",
            "postgres://h/x?password=%secret",
            "postgres://u:%secret@h/x",
        ] {
            let error = DbConnection::open(url).err().expect("nobody can connect there");
            assert!(!error.to_string().contains("secret"), "{error}");
        }
    }
}
