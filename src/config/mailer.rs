//! `MAILER_DSN`, `MAILER_FROM` and `MAILER_REDIRECT_TO`: where mails go, and from whom.

use std::path::PathBuf;

use messenger::dsn::Dsn;

use super::{AppEnv, SmtpServer, vars::Vars};
use crate::mail_address::{DisplayName, EmailAddress, Mailbox};

/// Where mails go, from `MAILER_DSN`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MailerDsn {
    /// `file://var/mail` (relative) or `file:///abs`: one file per mail, shown in the dev mailbox.
    Files(PathBuf),
    /// `smtp://` or `smtps://USER:PASSWORD@HOST:PORT`.
    Smtp(SmtpServer),
    /// `null://null`: nowhere.
    Null,
    /// `in-memory://`: kept in the process, for tests.
    InMemory,
}

impl Default for MailerDsn {
    fn default() -> Self {
        Self::Files(PathBuf::from("var/mail"))
    }
}

const ALLOWED: &str = "file://FOLDER, smtp://USER:PASSWORD@HOST:PORT, smtps://…, null://null or \
                       in-memory://";

impl MailerDsn {
    /// A file each by default; in test, where nobody looks, nowhere.
    pub(super) fn read(vars: &mut Vars<'_>, app_env: AppEnv) -> Self {
        let Some(text) = vars.text("MAILER_DSN") else {
            return if app_env == AppEnv::Test { Self::Null } else { Self::default() };
        };
        Self::parse(text).unwrap_or_else(|message| {
            vars.refuse("MAILER_DSN", message);
            Self::Null
        })
    }

    fn parse(text: &str) -> Result<Self, String> {
        let allowed = || format!("allowed: {ALLOWED}");
        match text.split_once("://").ok_or_else(allowed)? {
            ("file", folder) if !folder.is_empty() => Ok(Self::Files(PathBuf::from(folder))),
            ("null", _) => Ok(Self::Null),
            ("in-memory", "") => Ok(Self::InMemory),
            ("smtp" | "smtps", _) => {
                let dsn = Dsn::parse(text).map_err(|error| error.to_string())?;
                SmtpServer::from_dsn(&dsn).map(Self::Smtp)
            }
            _ => Err(allowed()),
        }
    }
}

/// From whom mails are that do not say it themselves.
pub(super) fn read_from(vars: &mut Vars<'_>, default_uri: &str) -> Mailbox {
    let allowed = "an address, with or without a name: Ponka <ponka@example.org>";
    vars.parse("MAILER_FROM", allowed, |text| text.parse().ok()).unwrap_or_else(|| {
        let ponka = DisplayName::parse("Ponka").expect("a name is a name");
        let address = format!("ponka@{}", mail_domain(default_uri));
        Mailbox::new(ponka, EmailAddress::parse(&address).expect("the domain has been looked at"))
    })
}

/// The one address that gets every mail, whoever it is meant for.
pub(super) fn read_redirect(vars: &mut Vars<'_>) -> Option<EmailAddress> {
    vars.parse("MAILER_REDIRECT_TO", "one email address", |text| text.parse().ok())
}

/// The domain from which mails come: the host of this address, or `localhost` if that is no domain.
#[must_use]
pub fn mail_domain(uri: &str) -> String {
    let uri = uri.parse::<http::Uri>().ok();
    let host = uri.as_ref().and_then(http::Uri::host).unwrap_or_default();
    match EmailAddress::parse(&format!("ponka@{host}")) {
        Ok(address) => address.domain().to_owned(),
        Err(_) => "localhost".to_owned(),
    }
}
