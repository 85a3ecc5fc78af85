//! Delivers mails to an SMTP server, over connections that are kept and used again.
//!
//! The protocol is lettre's; the connections are ours, because lettre's pool leaves Nagle's
//! algorithm on, which costs 40 ms a mail.

mod acceptance;
mod connection;
mod conversation;
mod tls_stream;

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use lettre::transport::smtp::client::TlsParameters;
use messenger::clock::Clock;

use super::{DeliveryError, RenderedEmail};
use crate::config::SmtpServer;

use acceptance::Acceptance;
use connection::Connection;
use conversation::Failed;

/// How many connections are kept while nobody needs them.
const MAX_IDLE: usize = 8;
/// A connection that rested longer is asked whether it is still there.
const RESTED: Duration = Duration::from_secs(30);

/// Delivers mails to an SMTP server. As many are sent at the same time as are asked for.
pub(super) struct SmtpTransport {
    server: SmtpServer,
    clock: Clock,
    idle: Mutex<Vec<Idle>>,
    acceptance: Acceptance,
    /// Made when they are first needed: the certificates of this machine are read then.
    tls: Mutex<Option<TlsParameters>>,
}

/// A connection that nobody uses, and since when.
struct Idle {
    connection: Connection,
    /// By [`Clock::elapsed`].
    since: Duration,
}

impl SmtpTransport {
    pub(super) fn new(server: SmtpServer, clock: Clock) -> Self {
        Self {
            server,
            clock,
            idle: Mutex::default(),
            acceptance: Acceptance::default(),
            tls: Mutex::default(),
        }
    }

    pub(super) fn server(&self) -> &SmtpServer {
        &self.server
    }

    pub(super) async fn send(&self, email: &RenderedEmail) -> Result<(), DeliveryError> {
        while let Some(mut connection) = self.rested_connection().await {
            match connection.deliver(email, &self.acceptance).await {
                // The server has closed it meanwhile; nothing of the mail was sent. The others will
                // be no better, and finding that out may take each a whole timeout.
                Err(Failed::Broken { before_mail: true, .. }) => self.idle().clear(),
                done => return self.finished(connection, done).await,
            }
        }
        let mut connection = self.open().await?;
        let done = connection.deliver(email, &self.acceptance).await;
        self.finished(connection, done).await
    }

    /// Connects, greets, and says what was found.
    pub(super) async fn check(&self) -> Result<String, DeliveryError> {
        let mut connection = self.open().await?;
        if !connection.is_alive().await {
            let message = format!("{} does not answer NOOP", self.server);
            return Err(DeliveryError::temporary(anyhow::Error::msg(message)));
        }
        let tls = if connection.is_encrypted() { "encrypted" } else { "not encrypted" };
        let user = self.server.credentials.as_ref();
        let user = user.map(|(user, _)| format!(", logged in as {user}")).unwrap_or_default();
        connection.quit().await;
        Ok(format!("{} answers, {tls}{user}", self.server))
    }

    /// A connection that is there already.
    async fn rested_connection(&self) -> Option<Connection> {
        loop {
            let Idle { mut connection, since } = self.idle().pop()?;
            let rested = self.clock.elapsed().saturating_sub(since);
            if rested < RESTED || connection.is_alive().await {
                return Some(connection);
            }
            self.idle().clear();
        }
    }

    /// Keeps the connection if it can be used again.
    async fn finished(
        &self,
        mut connection: Connection,
        done: Result<(), Failed>,
    ) -> Result<(), DeliveryError> {
        let is_usable = match &done {
            Ok(()) => true,
            Err(Failed::Refused { .. }) => connection.reset().await,
            Err(Failed::Broken { .. }) => false,
        };
        if is_usable {
            let mut idle = self.idle();
            if idle.len() < MAX_IDLE {
                idle.push(Idle { connection, since: self.clock.elapsed() });
            }
        }
        done.map_err(DeliveryError::from)
    }

    async fn open(&self) -> Result<Connection, DeliveryError> {
        let tls = self.tls_parameters();
        Connection::open(&self.server, tls).await.map_err(|error| {
            DeliveryError::Temporary(error.context(format!("could not connect to {}", self.server)))
        })
    }

    fn tls_parameters(&self) -> anyhow::Result<TlsParameters> {
        let mut known = self.tls.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(parameters) = &*known {
            return Ok(parameters.clone());
        }
        let trusts_anybody = !self.server.verify_peer;
        let made = TlsParameters::builder(self.server.host.clone())
            .dangerous_accept_invalid_certs(trusts_anybody)
            .dangerous_accept_invalid_hostnames(trusts_anybody)
            .build()?;
        Ok(known.insert(made).clone())
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Idle>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
