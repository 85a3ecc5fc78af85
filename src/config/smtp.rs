//! `smtp://` and `smtps://`: the server that takes mails over, and how it is spoken to.

use std::net::IpAddr;

use messenger::dsn::Dsn;

use super::Secret;

const OPTIONS: [&str; 4] = ["auto_tls", "require_tls", "verify_peer", "local_domain"];

/// An SMTP server. The options of its DSN are Symfony's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmtpServer {
    /// Its name or IP address.
    pub host: String,
    /// Its port; by default 25 for `smtp://` and 465 for `smtps://`.
    pub port: u16,
    /// Who we are, and the password; only sent over TLS, or to this machine.
    pub credentials: Option<(String, Secret)>,
    /// When the connection is encrypted.
    pub tls: SmtpTls,
    /// `verify_peer`: whether the server must prove who it is; by default it must.
    pub verify_peer: bool,
    /// `local_domain`: how we introduce ourselves; the name of this machine by default.
    pub local_domain: Option<String>,
}

/// When a connection to an SMTP server is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmtpTls {
    /// `smtps://`: from the first byte.
    Implicit,
    /// `smtp://…?require_tls=1`, and by default if there is a password for another machine: by
    /// STARTTLS, or not at all.
    Required,
    /// `smtp://`: by STARTTLS if the server offers it.
    IfOffered,
    /// `smtp://…?auto_tls=0`: never.
    Never,
}

impl SmtpServer {
    /// Whether it runs on this machine.
    #[must_use]
    pub fn is_local(&self) -> bool {
        self.host == "localhost" || self.host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
    }

    pub(super) fn from_dsn(dsn: &Dsn) -> Result<Self, String> {
        let host = dsn.host().ok_or("the host is missing; e.g. smtp://localhost:25")?.to_owned();
        if !matches!(dsn.path(), "" | "/") {
            return Err("an SMTP server has no path; e.g. smtp://localhost:25".to_owned());
        }
        if let Some((unknown, _)) = dsn.query().iter().find(|(k, _)| !OPTIONS.contains(&&**k)) {
            // A password that was not percent-encoded may have ended up there.
            let may_be_secret = dsn.query().iter().any(|(k, v)| k.contains('@') || v.contains('@'));
            let unknown = if may_be_secret { String::new() } else { format!(" {unknown:?}") };
            return Err(format!("unknown option{unknown}; known options: {}", OPTIONS.join(", ")));
        }
        let implicit = dsn.scheme() == "smtps";
        let credentials = dsn
            .user()
            .filter(|user| !user.is_empty())
            .map(|user| (user.to_owned(), Secret::new(dsn.password().unwrap_or_default())));
        let mut server = Self {
            host,
            port: dsn.port().unwrap_or(if implicit { 465 } else { 25 }),
            credentials,
            tls: SmtpTls::Implicit,
            verify_peer: switch(dsn, "verify_peer")?.unwrap_or(true),
            local_domain: option(dsn, "local_domain").map(ToOwned::to_owned),
        };
        if server.local_domain.as_deref().is_some_and(|domain| !is_plain(domain)) {
            return Err("local_domain is not the name of a machine".to_owned());
        }
        let (auto, require) = (switch(dsn, "auto_tls")?, switch(dsn, "require_tls")?);
        server.tls = match (implicit, auto.unwrap_or(true), require.unwrap_or(false)) {
            (true, ..) => SmtpTls::Implicit,
            (_, false, true) => return Err("auto_tls=0 contradicts require_tls=1".to_owned()),
            (_, true, true) => SmtpTls::Required,
            _ if server.credentials.is_some() && !server.is_local() => {
                if auto == Some(false) {
                    let message = "a password is only sent over TLS, unless the server is on this \
                                   machine; leave auto_tls=0 out";
                    return Err(message.to_owned());
                }
                SmtpTls::Required
            }
            (_, true, false) => SmtpTls::IfOffered,
            (_, false, false) => SmtpTls::Never,
        };
        Ok(server)
    }
}

/// `smtp://HOST:PORT`, without who we are.
impl std::fmt::Display for SmtpServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let scheme = if self.tls == SmtpTls::Implicit { "smtps" } else { "smtp" };
        let (open, close) = if self.host.contains(':') { ("[", "]") } else { ("", "") };
        write!(f, "{scheme}://{open}{}{close}:{}", self.host, self.port)
    }
}

fn option<'a>(dsn: &'a Dsn, name: &str) -> Option<&'a str> {
    dsn.query().iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

fn switch(dsn: &Dsn, name: &str) -> Result<Option<bool>, String> {
    match option(dsn, name) {
        None => Ok(None),
        Some("1" | "true" | "yes" | "on") => Ok(Some(true)),
        Some("0" | "false" | "no" | "off") => Ok(Some(false)),
        Some(_) => Err(format!("{name} is a switch; allowed: 1 or 0, true or false")),
    }
}

fn is_plain(domain: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".-[]:".contains(&byte);
    !domain.is_empty() && domain.bytes().all(is_allowed)
}
