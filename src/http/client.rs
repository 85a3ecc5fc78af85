//! Who sends a request, as far as nobody can make it up, and under which names that is counted.

use std::net::IpAddr;

/// Somebody who sends requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Client {
    /// Whoever is at this address.
    At(IpAddr),
    /// Somebody behind this proxy of ours, which names them in a way that cannot be read. What others
    /// do who come through it is not theirs.
    Unnamed(IpAddr),
    /// Nobody knows: the connection is gone.
    Unknown,
}

impl Client {
    /// The name under which a client is counted: its address; of an IPv6 address the network of 64
    /// bits, because everybody has as many addresses as they like.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::At(IpAddr::V6(address)) => hex::encode(&address.octets()[..8]),
            Self::At(address) => address.to_string(),
            Self::Unnamed(proxy) => format!("unnamed by {proxy}"),
            Self::Unknown => "unknown".to_owned(),
        }
    }

    /// The name of the site in which a client is: the first 48 bits of an IPv6 address, of which a
    /// single customer may have all 65,536 networks. What a site may do is more than what a client
    /// may, for it may also be a town.
    #[must_use]
    pub fn site(self) -> Option<String> {
        match self {
            Self::At(IpAddr::V6(address)) => Some(hex::encode(&address.octets()[..6])),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_has_many_addresses_is_one_client_in_one_site() {
        let at = |address: &str| Client::At(address.parse().unwrap());
        for (client, name, site) in [
            (at("192.0.2.1"), "192.0.2.1", None),
            (at("2001:db8:1:2::1"), "20010db800010002", Some("20010db80001")),
            (at("2001:db8:1:2:f::f"), "20010db800010002", Some("20010db80001")),
            (at("2001:db8:1:3::1"), "20010db800010003", Some("20010db80001")),
            (Client::Unnamed("10.0.0.1".parse().unwrap()), "unnamed by 10.0.0.1", None),
            (Client::Unknown, "unknown", None),
        ] {
            assert_eq!((client.name().as_str(), client.site().as_deref()), (name, site));
        }
    }
}
