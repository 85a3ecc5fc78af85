//! The open connections: so many in all, so many of one client, and none for ever on which nothing
//! moves.

use std::any::Any;
use std::io;
use std::net::{Shutdown, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use actix_web::dev::Extensions;
use actix_web::rt::net::TcpStream;
use socket2::SockRef;

use super::client::Client;
use super::shares::{Share, Shares};
use super::trusted_proxies::TrustedProxies;
use crate::descriptors::Places;

/// How long the other side may take nothing in of what is sent to it.
const STALLED: Duration = Duration::from_secs(30);
/// Beyond all places, so many are kept for this machine and for proxies of ours: health checks come
/// from there.
const ROOM: usize = 32;

/// Counts connections. A clone is cheap and counts the same ones.
#[derive(Debug, Clone)]
pub struct Connections {
    proxies: TrustedProxies,
    places: usize,
    open: Arc<AtomicUsize>,
    of_clients: Shares,
}

/// One connection. Dropped, its place is free again.
#[derive(Debug)]
struct Place {
    open: Arc<AtomicUsize>,
    _of_client: Option<Share>,
}

impl Connections {
    /// So many places; proxies are not clients.
    #[must_use]
    pub fn new(places: Places, proxies: TrustedProxies) -> Self {
        let of_clients = Shares::new(places.connections_of_client);
        Self { proxies, places: places.connections, open: Arc::default(), of_clients }
    }

    /// Looks at a connection before anything is read from it, and ends it if there is no place for
    /// it. For [`actix_web::HttpServer::on_connect`].
    pub fn accept(&self, connection: &dyn Any, extensions: &mut Extensions) {
        let Some(stream) = connection.downcast_ref::<TcpStream>() else { return };
        let socket = SockRef::from(stream);
        // A connection that is gone already ends by itself.
        let _ = end_when_stalled(&socket);
        match stream.peer_addr().ok().and_then(|peer| self.take(peer)) {
            Some(place) => drop(extensions.insert(place)),
            None => drop(socket.shutdown(Shutdown::Both)),
        }
    }

    fn take(&self, peer: SocketAddr) -> Option<Place> {
        let peer = peer.ip().to_canonical();
        let is_proxy = self.proxies.contains(peer);
        let room = if is_proxy || peer.is_loopback() { ROOM } else { 0 };
        let open = self.open.fetch_add(1, Ordering::Relaxed);
        let mut place = Place { open: Arc::clone(&self.open), _of_client: None };
        if open >= self.places + room {
            return None;
        }
        if !is_proxy {
            place._of_client = Some(self.of_clients.take(Client::At(peer))?);
        }
        Some(place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.open.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The system ends a connection on which nothing of ours was taken in for so long, also if the other
/// side says that it is still there.
#[cfg(target_os = "linux")]
fn end_when_stalled(socket: &SockRef<'_>) -> io::Result<()> {
    socket.set_tcp_user_timeout(Some(STALLED))
}

#[cfg(not(target_os = "linux"))]
fn end_when_stalled(socket: &SockRef<'_>) -> io::Result<()> {
    let alive = socket2::TcpKeepalive::new().with_time(STALLED);
    socket.set_tcp_keepalive(&alive)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_shared_and_some_are_kept_for_health_checks() {
        let proxies = TrustedProxies::new(vec!["10.0.0.1".parse().unwrap()]);
        // Sixteen places, four for each client.
        let connections = Connections::new(Places::with(0), proxies);
        let take = |ip: &str| connections.take(SocketAddr::new(ip.parse().unwrap(), 1234));
        let many = |ip: &str| (0..10).filter_map(|_| take(ip)).collect::<Vec<_>>();
        let one = many("192.0.2.1");
        assert_eq!(one.len(), 4);
        let proxy = many("10.0.0.1");
        assert_eq!(proxy.len(), 10, "a proxy brings many clients");
        let other = many("192.0.2.2");
        assert_eq!(other.len(), 2, "all places are taken");
        assert!(take("192.0.2.3").is_none());
        assert!(take("127.0.0.1").is_some() && take("10.0.0.1").is_some());
        drop(one);
        assert!(take("192.0.2.3").is_some());
        drop((proxy, other));
        assert_eq!(connections.open.load(Ordering::Relaxed), 0);
    }
}
