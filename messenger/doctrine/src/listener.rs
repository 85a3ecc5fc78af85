//! LISTEN on PostgreSQL, from a thread of its own, with reconnection.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;
use std::sync::{PoisonError, Weak};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::result::Error;

use super::connection::DbConnection;
use super::connector::Connector;
use super::watcher::{LOOK, Shared, pause};
use messenger::BoxError;

/// How often the server is asked whether it is still there: a connection may die in silence.
const PROBE: Duration = Duration::from_secs(5);
/// How long to wait before connecting again, at most.
const LONGEST_BACKOFF: Duration = Duration::from_secs(5);

/// Listens until the database is no longer used, or another thread has taken over: this one may wait
/// for an answer that never comes.
pub(super) fn listen(shared: &Weak<Shared>, thread: u64) {
    let mut backoff = Duration::from_millis(100);
    while let Some(alive) = shared.upgrade() {
        if !alive.looked(thread) {
            return;
        }
        let connector = alive.connector.clone();
        drop(alive);
        let began = Instant::now();
        if let Err(error) = listen_on(&connector, shared, thread) {
            tracing::warn!(target: "messenger", "Lost the connection that listens for messages: {error}");
        }
        let Some(alive) = shared.upgrade().filter(|alive| alive.looked(thread)) else { return };
        alive.healthy.store(false, Ordering::SeqCst);
        drop(alive);
        if began.elapsed() > PROBE {
            backoff = Duration::from_millis(100);
        }
        pause(backoff);
        backoff = (backoff * 2).min(LONGEST_BACKOFF);
    }
}

fn listen_on(connector: &Connector, shared: &Weak<Shared>, thread: u64) -> Result<(), BoxError> {
    #[cfg_attr(not(feature = "sqlite"), expect(irrefutable_let_patterns))]
    let DbConnection::Pg(mut connection) = connector.open()? else { return Ok(()) };
    let mut listening = BTreeSet::new();
    let mut probed_at = Instant::now();
    while let Some(shared) = shared.upgrade() {
        if !shared.looked(thread) {
            return Ok(());
        }
        if listen_to_new(&mut connection, &shared, &mut listening)? && shared.looked(thread) {
            // Whatever came before this moment was not heard: look at the tables.
            shared.healthy.store(true, Ordering::SeqCst);
            shared.changed();
        }
        let mut heard = false;
        for notification in connection.notifications_iter() {
            notification?;
            heard = true;
        }
        if heard {
            shared.changed();
        }
        drop(shared);
        if probed_at.elapsed() > PROBE {
            connection.batch_execute("SELECT 1")?;
            probed_at = Instant::now();
        }
        pause(LOOK);
    }
    Ok(())
}

/// Listens on channels that are new; says whether there were any.
fn listen_to_new(
    connection: &mut PgConnection,
    shared: &Shared,
    listening: &mut BTreeSet<String>,
) -> Result<bool, Error> {
    let wanted = shared.channels.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let new: Vec<String> = wanted.difference(listening).cloned().collect();
    for channel in &new {
        connection.batch_execute(&format!("LISTEN \"{}\"", channel.replace('"', "\"\"")))?;
    }
    let any = !new.is_empty();
    listening.extend(new);
    Ok(any)
}
