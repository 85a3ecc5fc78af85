//! One connection to an SMTP server: opened, encrypted, logged in.

use std::fmt::Display;
use std::time::Duration;

use anyhow::{Context as _, anyhow, ensure};
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, AsyncTokioStream, TlsParameters};
use lettre::transport::smtp::commands::{Noop, Rset};
use lettre::transport::smtp::extension::{ClientId, Extension};
use lettre::transport::smtp::response::Response;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::tls_stream::TlsStream;
use crate::config::{SmtpServer, SmtpTls};

/// How long connecting may take, the name's look-up included.
const CONNECT: Duration = Duration::from_secs(10);
/// How long the answer to a command may take.
const COMMAND: Duration = Duration::from_secs(10);

/// How long a goodbye may take.
const GOODBYE: Duration = Duration::from_secs(2);

/// One connection to an SMTP server.
pub(super) struct Connection {
    inner: AsyncSmtpConnection,
    encrypted: bool,
    pub(super) server: String,
}

/// What lies under lettre's error, whose own words would say it several times: the code and the text
/// of the server, or what happened to the connection.
pub(super) fn cause(error: &Error) -> anyhow::Error {
    let mut cause: &(dyn std::error::Error + 'static) = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    match error.status() {
        Some(code) => anyhow!("{code} {cause}"),
        None => anyhow!("{cause}"),
    }
}

/// Why a command failed.
pub(super) enum CommandError {
    /// The server has answered with a code of refusal.
    Refused(Error),
    /// There is no answer, or none that can be understood.
    Broken(anyhow::Error),
}

impl Connection {
    /// Connects and introduces us; encrypted and logged in as the configuration says. `tls` is only
    /// looked at if it is needed.
    pub(super) async fn open(
        server: &SmtpServer,
        tls: anyhow::Result<TlsParameters>,
    ) -> anyhow::Result<Self> {
        let stream = timeout(CONNECT, TcpStream::connect((server.host.as_str(), server.port)));
        let stream = stream.await.context("no connection within 10 s")??;
        stream.set_nodelay(true)?;
        let hello = server.local_domain.clone().map_or_else(ClientId::default, ClientId::Domain);
        let is_implicit = server.tls == SmtpTls::Implicit;
        let greeting = async {
            let stream: Box<dyn AsyncTokioStream> = if is_implicit {
                Box::new(TlsStream::over(stream, tls.as_ref()).await?)
            } else {
                Box::new(stream)
            };
            let greeted = AsyncSmtpConnection::connect_with_transport(stream, &hello).await;
            greeted.map_err(|error| cause(&error))
        };
        let inner = timeout(COMMAND, greeting).await.context("no greeting within 10 s")??;
        let mut connection = Self { inner, encrypted: is_implicit, server: server.to_string() };
        connection.start_tls(server, tls, &hello).await?;
        connection.log_in(server).await?;
        Ok(connection)
    }

    async fn start_tls(
        &mut self,
        server: &SmtpServer,
        tls: anyhow::Result<TlsParameters>,
        hello: &ClientId,
    ) -> anyhow::Result<()> {
        let is_offered = self.inner.can_starttls();
        match server.tls {
            SmtpTls::Required => ensure!(
                is_offered,
                "the server offers no encryption (STARTTLS), which is required here"
            ),
            SmtpTls::IfOffered if is_offered => {}
            _ => return Ok(()),
        }
        let upgrade = timeout(COMMAND, self.inner.starttls(tls?, hello)).await;
        let upgrade = upgrade.context("no answer within 10 s")?.map_err(|error| cause(&error));
        upgrade.context("could not encrypt the connection")?;
        self.encrypted = true;
        Ok(())
    }

    async fn log_in(&mut self, server: &SmtpServer) -> anyhow::Result<()> {
        let Some((user, password)) = &server.credentials else { return Ok(()) };
        ensure!(
            self.encrypted || server.is_local(),
            "the connection is not encrypted, so the password was not sent"
        );
        let credentials = Credentials::new(user.clone(), password.expose().to_owned());
        let answer = timeout(COMMAND, self.inner.auth(DEFAULT_MECHANISMS, &credentials)).await;
        let answer = answer.context("no answer within 10 s")?.map_err(|error| cause(&error));
        answer.context("could not log in")?;
        Ok(())
    }

    pub(super) fn is_encrypted(&self) -> bool {
        self.encrypted
    }

    pub(super) fn supports(&self, feature: Extension) -> bool {
        self.inner.server_info().supports_feature(feature)
    }

    /// Whether the server still answers.
    pub(super) async fn is_alive(&mut self) -> bool {
        self.command(Noop).await.is_ok()
    }

    /// Forgets a mail that was refused; says whether the connection can be used for another.
    pub(super) async fn reset(&mut self) -> bool {
        self.command(Rset).await.is_ok()
    }

    pub(super) async fn quit(mut self) {
        // Nobody waits for the answer.
        let _ = timeout(GOODBYE, self.inner.quit()).await;
    }

    /// Sends a command and waits for the answer.
    pub(super) async fn command(
        &mut self,
        command: impl Display,
    ) -> Result<Response, CommandError> {
        answer(COMMAND, self.inner.command(command)).await
    }

    /// Sends the mail itself, after `DATA`, to a server that may take so long to store it.
    pub(super) async fn message(
        &mut self,
        message: &[u8],
        patience: Duration,
    ) -> Result<Response, CommandError> {
        answer(patience, self.inner.message(message)).await
    }
}

async fn answer(
    patience: Duration,
    answer: impl Future<Output = Result<Response, Error>>,
) -> Result<Response, CommandError> {
    match timeout(patience, answer).await {
        Ok(Ok(response)) => Ok(response),
        Ok(Err(error)) if error.status().is_some() => Err(CommandError::Refused(error)),
        Ok(Err(error)) => Err(CommandError::Broken(cause(&error))),
        Err(_) => {
            let message = format!("no answer within {} s", patience.as_secs());
            Err(CommandError::Broken(anyhow::Error::msg(message)))
        }
    }
}
