//! The application's configuration: every variable of the environment, read once, typed.
//!
//! [`env_file::Environment::load`] puts `.env` files and real variables together;
//! [`Config::from_vars`] turns the result into types that cannot be wrong. Neither reads or
//! writes the process environment, so tests need no lock.

mod allowance;
mod app_env;
mod database;
mod env_file;
mod env_text;
mod http;
mod log;
mod mailer;
mod secret;
mod shutdown;
mod smtp;
mod storage;
#[cfg(test)]
mod tests;
mod tutorial;
mod vars;

use std::collections::BTreeMap;

use messenger::dsn::Dsn;
use messenger_console::ShutdownTimeout;

pub use self::{
    allowance::Allowance,
    app_env::{AppEnv, UnknownAppEnv},
    database::DatabaseUrl,
    env_file::{EnvFileError, Environment, Variable, VariableOrigin},
    http::{DEV_SECRET, HttpConfig, is_this_machine},
    log::{LogConfig, LogFormat},
    mailer::{MailerDsn, mail_domain},
    secret::Secret,
    smtp::{SmtpServer, SmtpTls},
    storage::{AwsVariables, PhotoStorageUrl},
    tutorial::{Fault, InvalidFault, Tutorial},
    vars::{ConfigErrors, InvalidVariable},
};

use self::vars::Vars;
use crate::mail_address::{EmailAddress, Mailbox};

/// Where messages go when `MESSENGER_TRANSPORT_DSN` is not set.
pub const DEFAULT_TRANSPORT_DSN: &str = "doctrine://default?auto_setup=1";

/// Everything the environment says about the application.
#[derive(Clone, Debug)]
pub struct Config {
    /// `APP_ENV`: dev, test or prod.
    pub app_env: AppEnv,
    /// `APP_SECRET`, `BIND`, `DEFAULT_URI`, `TRUSTED_PROXIES`: the web server.
    pub http: HttpConfig,
    /// `DATABASE_URL`: where the data is.
    pub database_url: DatabaseUrl,
    /// `MESSENGER_TRANSPORT_DSN`: where messages wait; [`DEFAULT_TRANSPORT_DSN`] by default.
    pub messenger_transport_dsn: Dsn,
    /// `MAILER_DSN`: where mails go.
    pub mailer_dsn: MailerDsn,
    /// `MAILER_FROM`: from whom mails are; Ponka at the host of `DEFAULT_URI` by default.
    pub mailer_from: Mailbox,
    /// `MAILER_REDIRECT_TO`: the one address that gets every mail, whoever it is meant for.
    pub mailer_redirect_to: Option<EmailAddress>,
    /// `PHOTO_STORAGE_URL`: where photos are kept.
    pub photo_storage_url: PhotoStorageUrl,
    /// `AWS_*`: how S3 is reached, if photos are kept there.
    pub aws: AwsVariables,
    /// `GUEST_UPLOADS`: whether a visitor without an account may upload; by default everywhere
    /// but in prod.
    pub guest_uploads: bool,
    /// `PHOTO_QUOTA`, `UPLOADS_PER_MINUTE`: how much one owner may upload.
    pub allowance: Allowance,
    /// `SHUTDOWN_TIMEOUT`: how long a program may go on that was asked to stop.
    pub shutdown_timeout: ShutdownTimeout,
    /// `PONKA_SLEEP_MS`, `FAULT_SMTP`, …: the tutorial's knobs; all off in prod.
    pub tutorial: Tutorial,
    /// `RUST_LOG`, `LOG_FORMAT`: what is logged, and how.
    pub log: LogConfig,
}

impl Config {
    /// The configuration for these variables; a variable set to nothing counts as unset.
    ///
    /// # Errors
    /// Every variable with a value that cannot be used, together.
    pub fn from_vars(variables: &BTreeMap<String, String>) -> Result<Self, ConfigErrors> {
        let mut vars = Vars::new(variables);
        let app_env = AppEnv::read(&mut vars);
        let http = HttpConfig::read(&mut vars, app_env);
        let config = Self {
            app_env,
            mailer_from: mailer::read_from(&mut vars, &http.default_uri),
            http,
            database_url: DatabaseUrl::read(&mut vars),
            messenger_transport_dsn: read_transport(&mut vars),
            mailer_dsn: MailerDsn::read(&mut vars, app_env),
            mailer_redirect_to: mailer::read_redirect(&mut vars),
            photo_storage_url: PhotoStorageUrl::read(&mut vars),
            aws: AwsVariables::read(variables),
            guest_uploads: vars.switch("GUEST_UPLOADS").unwrap_or(app_env != AppEnv::Prod),
            allowance: Allowance::read(&mut vars, app_env),
            shutdown_timeout: shutdown::read(&mut vars),
            tutorial: Tutorial::read(&mut vars, app_env),
            log: LogConfig::read(&mut vars),
        };
        vars.finish(config)
    }

    /// Whether the gallery may be served so. Only prod has a secret of its own and keeps mailbox and
    /// profiler to itself, so nothing else is for people elsewhere.
    ///
    /// # Errors
    /// Outside prod, a `DEFAULT_URI` that means another machine than this one.
    pub fn may_be_served(&self) -> Result<(), ConfigErrors> {
        if self.app_env == AppEnv::Prod || self.http.is_default_uri_local() {
            return Ok(());
        }
        let message = format!(
            "{} mode is for this machine only; allowed: http://127.0.0.1:PORT, \
             http://NAME.localhost:PORT, or APP_ENV=prod",
            self.app_env
        );
        let value = self.http.default_uri.clone();
        Err(ConfigErrors(vec![InvalidVariable { name: "DEFAULT_URI", value, message }]))
    }

    /// What is allowed, but helps nobody who is to get a mail: links that begin with this machine,
    /// and mails that stay on it.
    #[must_use]
    pub fn mail_warnings(&self) -> Vec<String> {
        let (uri, is_prod) = (&self.http.default_uri, self.app_env == AppEnv::Prod);
        let goes_away = matches!(&self.mailer_dsn, MailerDsn::Smtp(server) if !server.is_local());
        let mut warnings = Vec::new();
        if self.http.is_default_uri_local() && (is_prod || goes_away) {
            warnings.push(format!(
                "The links in mails will begin with {uri}, which is this machine; set DEFAULT_URI"
            ));
        }
        if is_prod && !matches!(self.mailer_dsn, MailerDsn::Smtp(_)) {
            warnings
                .push("Mails stay on this machine, nobody gets them; set MAILER_DSN".to_owned());
        }
        warnings
    }
}

fn read_transport(vars: &mut Vars<'_>) -> Dsn {
    // Which kinds of transports there are is known where they are made.
    let allowed = "a DSN, for example doctrine://default";
    let dsn = vars.parse("MESSENGER_TRANSPORT_DSN", allowed, |text| Dsn::parse(text).ok());
    dsn.unwrap_or_else(|| {
        Dsn::parse(DEFAULT_TRANSPORT_DSN).expect("the default has a scheme and no port")
    })
}
