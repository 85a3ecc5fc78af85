//! Where a transport leads: `scheme://user:password@host:port/path?query`, secrets kept in.

use std::fmt;

use percent_encoding::percent_decode_str;

/// What stands in for a secret wherever a DSN is shown.
pub const MASK: &str = "***";

/// A transport's address, e.g. `doctrine://default?queue_name=high`, `in-memory://` or
/// `amqp://user:password@host:5672/vhost/exchange`.
///
/// `Display` and `Debug` show `***` for the password and for query values such as `token`; only
/// [`Dsn::expose`] and [`Dsn::password`] give secrets away.
#[derive(Clone, PartialEq, Eq)]
pub struct Dsn {
    original: String,
    scheme: String,
    user: Option<String>,
    password: Option<String>,
    host: Option<String>,
    port: Option<u16>,
    path: String,
    query: Vec<(String, String)>,
}

/// Why a text is no DSN; never contains a part that may be secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DsnError {
    /// There is no `scheme://`, or the scheme has other characters than letters, digits, `+-.`.
    #[error("not a DSN: expected scheme://…, e.g. doctrine://default, sync:// or in-memory://")]
    NoScheme,
    /// What follows the host is no port.
    #[error(
        "the port of the DSN is not a number from 0 to 65535 (an @, : or / in a user name or \
         password must be written %40, %3A or %2F)"
    )]
    Port,
    /// A percent-encoded part is no UTF-8.
    #[error("a part of the DSN is not UTF-8 after percent-decoding")]
    NotUtf8,
}

impl Dsn {
    /// Reads a DSN.
    ///
    /// # Errors
    /// When it has no scheme, its port is no number, or a part is not UTF-8.
    pub fn parse(text: &str) -> Result<Self, DsnError> {
        let (scheme, rest) = text.split_once("://").ok_or(DsnError::NoScheme)?;
        let in_scheme = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
        if !scheme.starts_with(|c: char| c.is_ascii_alphabetic()) || !scheme.chars().all(in_scheme)
        {
            return Err(DsnError::NoScheme);
        }
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (credentials, address) = match authority.rsplit_once('@') {
            Some((credentials, address)) => (Some(credentials), address),
            None => (None, authority),
        };
        let (user, password) = match credentials.map(|both| both.split_once(':').ok_or(both)) {
            Some(Ok((user, password))) => (Some(decode(user)?), Some(decode(password)?)),
            Some(Err(user)) => (Some(decode(user)?), None),
            None => (None, None),
        };
        let (host, port) = host_and_port(address)?;
        Ok(Self {
            original: text.to_owned(),
            scheme: scheme.to_ascii_lowercase(),
            user,
            password,
            host: host.map(decode).transpose()?,
            port,
            path: path.to_owned(),
            query: form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
        })
    }

    /// The scheme in lower case, without `://`.
    #[must_use]
    pub fn scheme(&self) -> &str {
        &self.scheme
    }

    /// The user name, percent-decoded.
    #[must_use]
    pub fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    /// The password in plain text, percent-decoded.
    #[must_use]
    pub fn password(&self) -> Option<&str> {
        self.password.as_deref()
    }

    /// The host, percent-decoded, an IPv6 address without brackets; `None` in `sync://`.
    #[must_use]
    pub fn host(&self) -> Option<&str> {
        self.host.as_deref()
    }

    /// The port.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        self.port
    }

    /// The path as written, with its first slash; empty if there is none.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The parts of the path between slashes, percent-decoded: `/%2f/messages` gives `/` and
    /// `messages`, and an empty path nothing.
    pub fn path_segments(&self) -> impl Iterator<Item = String> {
        let parts = self.path.strip_prefix('/').map(|path| path.split('/'));
        parts.into_iter().flatten().map(|part| percent_decode_str(part).decode_utf8_lossy().into())
    }

    /// The query in written order, percent-decoded.
    #[must_use]
    pub fn query(&self) -> &[(String, String)] {
        &self.query
    }

    /// The whole DSN as written, **secrets in plain text**: for opening connections only.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.original
    }
}

/// The DSN with its secrets masked.
impl fmt::Display for Dsn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&mask(&self.original))
    }
}

/// The same as `Display`, in quotes.
impl fmt::Debug for Dsn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", mask(&self.original))
    }
}

/// A text in which everything that may be a secret of a DSN is `***`; a text that is no DSN is
/// given back as it is.
///
/// Errs on the safe side: a lone user name is masked too (Redis takes it for the password), and
/// so is whatever may be part of a password written without percent-encoding, i.e. all up to an
/// `@` in the path, and everything if there is an `@` in the query.
#[must_use]
pub fn mask(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else {
        return text.to_owned();
    };
    let (address, query) = match rest.split_once('?') {
        Some((address, query)) if query.contains('@') && address.contains([':', '@']) => {
            return format!("{scheme}://{MASK}");
        }
        Some((address, query)) => (address, Some(query)),
        None => (rest, None),
    };
    let address = match address.rsplit_once('@') {
        Some((credentials, host)) => format!("{}@{host}", masked_credentials(credentials)),
        None => address.to_owned(),
    };
    let query = query.map(|query| format!("?{}", masked_query(query))).unwrap_or_default();
    format!("{scheme}://{address}{query}")
}

/// Whether the value of a query key or option may not be shown: `password`, `auth`, `api_key`…
#[must_use]
pub fn is_secret(key: &str) -> bool {
    let key = key.to_ascii_lowercase().replace('-', "_");
    let last = key.rsplit('[').find(|part| part.parse::<usize>().is_err()).unwrap_or(&key);
    let words = [
        "password",
        "passwd",
        "passfile",
        "passphrase",
        "token",
        "secret",
        "api_key",
        "access_key",
    ];
    words.iter().any(|word| key.contains(word))
        || ["pass", "auth", "pwd", "apikey"].contains(&last.trim_end_matches(']'))
        || key.starts_with("auth[")
}

fn decode(text: &str) -> Result<String, DsnError> {
    let decoded = percent_decode_str(text).decode_utf8();
    decoded.map(Into::into).or(Err(DsnError::NotUtf8))
}

fn host_and_port(address: &str) -> Result<(Option<&str>, Option<u16>), DsnError> {
    let (host, port) = match address.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, "")) => (host, None),
        Some((host, port)) => (host, Some(port.strip_prefix(':').ok_or(DsnError::Port)?)),
        None => match address.rsplit_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (address, None),
        },
    };
    let port = port.map(|port| port.parse().or(Err(DsnError::Port))).transpose()?;
    Ok((Some(host).filter(|host| !host.is_empty()), port))
}

fn masked_credentials(credentials: &str) -> String {
    match credentials.split_once(':') {
        Some((user, _)) => format!("{user}:{MASK}"),
        None => MASK.to_owned(),
    }
}

fn masked_query(query: &str) -> String {
    let pairs = query.split('&').map(|pair| match pair.split_once('=') {
        Some((key, _)) if is_secret(&percent_decode_str(key).decode_utf8_lossy()) => {
            format!("{key}={MASK}")
        }
        _ => pair.to_owned(),
    });
    pairs.collect::<Vec<_>>().join("&")
}
