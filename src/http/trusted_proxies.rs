//! Where a request comes from, when it came through a proxy of ours.

use std::net::IpAddr;

use actix_web::HttpRequest;
use actix_web::http::header::{HeaderMap, HeaderValue};

use super::client::Client;

/// The proxies whose word is taken. Put it into the application as `web::Data`.
#[derive(Debug, Clone, Default)]
pub struct TrustedProxies(Vec<IpAddr>);

impl TrustedProxies {
    /// These addresses, and no others.
    #[must_use]
    pub fn new(addresses: Vec<IpAddr>) -> Self {
        Self(addresses)
    }

    /// Who has sent a request: the other side of the connection, or if that is a trusted proxy,
    /// whom it names. What stands further left in the header, anybody can have written.
    #[must_use]
    pub fn client(&self, request: &HttpRequest) -> Client {
        let Some(peer) = request.peer_addr().map(|peer| peer.ip().to_canonical()) else {
            return Client::Unknown;
        };
        let mut named = peer;
        for word in words(request.headers(), "x-forwarded-for").into_iter().rev() {
            // Who names nobody is the last one known.
            if !self.0.contains(&named) || word.is_empty() {
                break;
            }
            match address(word) {
                Some(address) => named = address,
                None => return Client::Unnamed(named),
            }
        }
        Client::At(named)
    }

    /// Whether this is the address of a trusted proxy.
    #[must_use]
    pub fn contains(&self, peer: IpAddr) -> bool {
        self.0.contains(&peer.to_canonical())
    }

    /// Whether the client speaks HTTPS, which ends at a proxy.
    #[must_use]
    pub fn is_https(&self, request: &HttpRequest) -> bool {
        let peer = request.peer_addr().map(|peer| peer.ip().to_canonical());
        let is_trusted = peer.is_some_and(|peer| self.0.contains(&peer));
        let spoken = words(request.headers(), "x-forwarded-proto");
        is_trusted && spoken.last().is_some_and(|proto| proto.eq_ignore_ascii_case(b"https"))
    }
}

/// The words of a header with commas. One that is no text is still a word: it must not hide those
/// beside it.
fn words<'a>(headers: &'a HeaderMap, name: &'static str) -> Vec<&'a [u8]> {
    let lines = headers.get_all(name).map(HeaderValue::as_bytes);
    lines.flat_map(|line| line.split(|byte| *byte == b',')).map(<[u8]>::trim_ascii).collect()
}

/// An address, with or without a port.
fn address(word: &[u8]) -> Option<IpAddr> {
    let word = std::str::from_utf8(word).ok()?;
    let with_port = || word.parse().map(|socket: std::net::SocketAddr| socket.ip());
    let bare = word.trim_matches(['[', ']']).parse().or_else(|_| with_port());
    bare.map(|address: IpAddr| address.to_canonical()).ok()
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn asked(peer: &str, headers: &[(&'static str, &str)]) -> (String, bool) {
        let trusted = ["10.0.0.1", "10.0.0.2"].map(|address| address.parse().unwrap());
        let trusted = TrustedProxies::new(trusted.to_vec());
        let request = TestRequest::get().peer_addr(format!("{peer}:1234").parse().unwrap());
        let request = headers.iter().fold(request, |request, (name, value)| {
            let value = HeaderValue::from_bytes(value.as_bytes()).unwrap();
            request.append_header((*name, value))
        });
        let request = request.to_http_request();
        (trusted.client(&request).name(), trusted.is_https(&request))
    }

    #[test]
    fn only_a_trusted_peer_is_believed_and_only_its_last_word() {
        let forwarded = "x-forwarded-for";
        for (peer, named, expected) in [
            ("192.0.2.1", "203.0.113.9", "192.0.2.1"),
            ("10.0.0.1", "203.0.113.9", "203.0.113.9"),
            ("10.0.0.1", "198.51.100.1, 203.0.113.9", "203.0.113.9"),
            ("10.0.0.1", "203.0.113.9, 10.0.0.2", "203.0.113.9"),
            ("10.0.0.1", "evil, 10.0.0.2", "unnamed by 10.0.0.2"),
            ("10.0.0.1", "203.0.113.9, evil", "unnamed by 10.0.0.1"),
            ("10.0.0.1", "evil, 203.0.113.9", "203.0.113.9"),
            ("10.0.0.1", "\u{e9}, 203.0.113.9", "203.0.113.9"),
            ("10.0.0.1", "\u{e9}", "unnamed by 10.0.0.1"),
            ("192.0.2.1", "\u{e9}", "192.0.2.1"),
            ("10.0.0.1", "203.0.113.9:5555", "203.0.113.9"),
            ("10.0.0.1", "[2001:db8::1]", "20010db800000000"),
            ("10.0.0.1", "", "10.0.0.1"),
            ("[::ffff:10.0.0.1]", "203.0.113.9", "203.0.113.9"),
        ] {
            let (client, is_https) = asked(peer, &[(forwarded, named)]);
            assert_eq!((client.as_str(), is_https), (expected, false), "{peer}: {named}");
        }
        let two_lines = [(forwarded, "203.0.113.9"), (forwarded, "10.0.0.2")];
        assert_eq!(asked("10.0.0.1", &two_lines).0, "203.0.113.9");
    }

    #[test]
    fn https_is_believed_in_the_same_way() {
        let https = [("x-forwarded-proto", "https")];
        assert!(asked("10.0.0.1", &https).1 && !asked("192.0.2.1", &https).1);
        assert!(!asked("10.0.0.1", &[("x-forwarded-proto", "https, http")]).1);
        assert!(!asked("10.0.0.1", &[("forwarded", "proto=https")]).1);
    }
}
