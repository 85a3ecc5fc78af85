//! `APP_SECRET`, `BIND`, `DEFAULT_URI` and `TRUSTED_PROXIES`: the web server.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use http::Uri;

use super::{AppEnv, Secret, vars::Vars};

/// Signs cookies where `APP_SECRET` is not set, outside prod.
pub const DEV_SECRET: &str = "not-a-secret-only-for-development-and-tests";

const SECRET_BYTES: usize = 32;
const PORT: u16 = 8000;

/// The web server's configuration.
#[derive(Clone, Debug)]
pub struct HttpConfig {
    /// `APP_SECRET`: signs cookies, at least 32 bytes; must be given in prod, [`DEV_SECRET`]
    /// elsewhere.
    pub secret: Secret,
    /// `BIND`: listen address, `127.0.0.1:8000` by default; loopback but in prod.
    pub bind: SocketAddr,
    /// `DEFAULT_URI`: base of absolute links made outside a request, without a slash at its end;
    /// `http://127.0.0.1:8000` by default.
    pub default_uri: String,
    /// `TRUSTED_PROXIES`: whose word for where a request comes from is taken; nobody's by default.
    pub trusted_proxies: Vec<IpAddr>,
}

impl HttpConfig {
    pub(super) fn read(vars: &mut Vars<'_>, app_env: AppEnv) -> Self {
        Self {
            secret: read_secret(vars, app_env),
            bind: read_bind(vars, app_env),
            default_uri: read_default_uri(vars),
            trusted_proxies: read_trusted_proxies(vars),
        }
    }
}

impl HttpConfig {
    /// Whether `DEFAULT_URI` means this machine, as it does by default.
    #[must_use]
    pub fn is_default_uri_local(&self) -> bool {
        let uri = self.default_uri.parse::<Uri>().ok();
        let host = uri.as_ref().and_then(Uri::host).unwrap_or_default();
        is_this_machine(host) || address(host).is_some_and(|ip| ip.is_unspecified())
    }
}

/// Whether a host, without its port, is this machine whoever asks: `localhost`, a name below it, or a
/// loopback address.
#[must_use]
pub fn is_this_machine(host: &str) -> bool {
    let name = host.to_ascii_lowercase();
    name == "localhost"
        || name.ends_with(".localhost")
        || address(host).is_some_and(|ip| ip.is_loopback())
}

fn address(host: &str) -> Option<IpAddr> {
    host.trim_matches(['[', ']']).parse().ok().map(|ip: IpAddr| ip.to_canonical())
}

fn read_secret(vars: &mut Vars<'_>, app_env: AppEnv) -> Secret {
    let prod = app_env == AppEnv::Prod;
    match vars.text("APP_SECRET") {
        None if prod => vars.refuse("APP_SECRET", "must be set in prod: 32 bytes or more, random"),
        None => return Secret::new(DEV_SECRET),
        Some(secret) if secret.len() < SECRET_BYTES => {
            let message = format!("too short ({} bytes); allowed: 32 bytes or more", secret.len());
            vars.refuse("APP_SECRET", message);
        }
        Some(DEV_SECRET) if prod => {
            vars.refuse("APP_SECRET", "everybody knows this one; set a random one of your own");
        }
        Some(secret) => return Secret::new(secret),
    }
    Secret::new("")
}

fn read_bind(vars: &mut Vars<'_>, app_env: AppEnv) -> SocketAddr {
    let default = SocketAddr::from((Ipv4Addr::LOCALHOST, PORT));
    let allowed = "ADDRESS:PORT, e.g. 127.0.0.1:8000 or [::1]:8000";
    let parse = |text: &str| text.replace("localhost:", "127.0.0.1:").parse::<SocketAddr>().ok();
    let bind = vars.parse("BIND", allowed, parse).unwrap_or(default);
    if app_env != AppEnv::Prod && !bind.ip().is_loopback() {
        let message = format!(
            "{app_env} mode listens to this machine only; allowed: 127.0.0.1:PORT, [::1]:PORT, or \
             APP_ENV=prod"
        );
        vars.refuse("BIND", message);
    }
    bind
}

fn read_default_uri(vars: &mut Vars<'_>) -> String {
    let allowed = "http://HOST or https://HOST, with a port and a path if need be";
    vars.parse("DEFAULT_URI", allowed, |text| {
        let uri = text.parse::<Uri>().ok()?;
        let web = matches!(uri.scheme_str(), Some("http" | "https"));
        let plain = uri.query().is_none() && !text.contains(['#', '@']);
        (web && plain).then(|| text.trim_end_matches('/').to_owned())
    })
    .unwrap_or_else(|| format!("http://127.0.0.1:{PORT}"))
}

fn read_trusted_proxies(vars: &mut Vars<'_>) -> Vec<IpAddr> {
    let parse = |one: &str| one.trim().parse().map(|ip: IpAddr| ip.to_canonical()).ok();
    let allowed = "addresses, with commas between them, e.g. 127.0.0.1, 10.0.0.7";
    let proxies =
        vars.parse("TRUSTED_PROXIES", allowed, |text| text.split(',').map(parse).collect());
    proxies.unwrap_or_default()
}
