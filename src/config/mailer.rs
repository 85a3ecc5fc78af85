//! `MAILER_DSN`: where mails go.

use std::path::PathBuf;

use messenger::dsn::Dsn;

use super::vars::Vars;

/// The mail transport.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MailerDsn {
    /// `file://var/mail` (relative) or `file:///abs`: one file per mail, shown in the dev mailbox.
    Files(PathBuf),
    /// `smtp://` or `smtps://USER:PASSWORD@HOST:PORT`.
    Smtp(Dsn),
    /// `null://null`: nowhere.
    Null,
}

impl Default for MailerDsn {
    fn default() -> Self {
        Self::Files(PathBuf::from("var/mail"))
    }
}

impl MailerDsn {
    pub(super) fn read(vars: &mut Vars<'_>) -> Self {
        let allowed = "file://FOLDER, smtp://USER:PASSWORD@HOST:PORT, smtps://… or null://null";
        vars.parse("MAILER_DSN", allowed, Self::parse).unwrap_or_default()
    }

    fn parse(text: &str) -> Option<Self> {
        match text.split_once("://")? {
            ("file", folder) if !folder.is_empty() => Some(Self::Files(PathBuf::from(folder))),
            ("null", _) => Some(Self::Null),
            ("smtp" | "smtps", _) => {
                Dsn::parse(text).ok().filter(|dsn| dsn.host().is_some()).map(Self::Smtp)
            }
            _ => None,
        }
    }
}
