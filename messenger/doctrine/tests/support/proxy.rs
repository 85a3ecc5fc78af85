//! A network that fails: a proxy in front of a server, which can fall silent, be cut, or lose the
//! answer to one request after the server has carried it out. It can also fail right after an answer.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How often a thread of the proxy looks whether something has been asked of it.
const LOOK: Duration = Duration::from_millis(5);

/// What the network does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Network {
    /// Every byte arrives.
    Works,
    /// Bytes vanish, and nobody is told: connections stay open, new ones are accepted. One that has
    /// lost a byte stays silent for ever, as behind a router that has forgotten it.
    Silent,
    /// Every connection is closed, and new ones at once.
    Cut,
}

/// A proxy in front of one server. Ends with this value, its connections too.
pub(crate) struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    upstream: String,
    network: Mutex<Network>,
    /// The requests after which something happens.
    watched: Mutex<Option<Watched>>,
    lost_answers: AtomicUsize,
    /// Connections that are being carried.
    open: AtomicUsize,
    ended: AtomicBool,
}

/// Requests whose answers are to be lost, or are the last that arrive.
struct Watched {
    words: Vec<u8>,
    times: usize,
    /// What becomes of the network with the last of them.
    then: Network,
    /// What becomes of their answers.
    answer: Fate,
}

/// What becomes of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Lost,
    Arrives,
}

impl Proxy {
    /// A proxy on a free port of this machine, in front of `HOST:PORT`.
    pub(crate) fn start(upstream: impl Into<String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            upstream: upstream.into(),
            network: Mutex::new(Network::Works),
            watched: Mutex::default(),
            lost_answers: AtomicUsize::new(0),
            open: AtomicUsize::new(0),
            ended: AtomicBool::new(false),
        });
        let accepting = Arc::clone(&shared);
        std::thread::spawn(move || accept(&listener, &accepting));
        Self { address, shared }
    }

    /// Where clients connect to.
    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    /// Changes what the network does, for open connections too. A cut is done when this returns.
    pub(crate) fn set(&self, network: Network) {
        *lock(&self.shared.network) = network;
        while network == Network::Cut && self.shared.open.load(Ordering::SeqCst) > 0 {
            std::thread::park_timeout(LOOK);
        }
    }

    /// The next time a client sends these bytes, the server carries them out, and its answer is lost:
    /// the connection is closed in its place.
    pub(crate) fn lose_answer_to(&self, bytes: &[u8]) {
        self.lose_answers_to(bytes, 1, Network::Works);
    }

    /// The same so many times; with the last answer the network changes. If it falls silent, the
    /// connection stays open, and is silent for ever.
    pub(crate) fn lose_answers_to(&self, bytes: &[u8], times: usize, then: Network) {
        self.watch(bytes, times, then, Fate::Lost);
    }

    /// The network changes when the answer to the so many-th of these requests has arrived: before the
    /// client can say anything more.
    pub(crate) fn change_after_answers_to(&self, bytes: &[u8], times: usize, then: Network) {
        self.watch(bytes, times, then, Fate::Arrives);
    }

    fn watch(&self, bytes: &[u8], times: usize, then: Network, answer: Fate) {
        *lock(&self.shared.watched) = Some(Watched { words: bytes.to_vec(), times, then, answer });
    }

    /// How many answers were lost so far.
    pub(crate) fn lost_answers(&self) -> usize {
        self.shared.lost_answers.load(Ordering::SeqCst)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::SeqCst);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    while !shared.ended.load(Ordering::SeqCst) {
        match listener.accept() {
            Ok((client, _)) => {
                let shared = Arc::clone(shared);
                shared.open.fetch_add(1, Ordering::SeqCst);
                std::thread::spawn(move || {
                    connect(&client, &shared);
                    shared.open.fetch_sub(1, Ordering::SeqCst);
                });
            }
            Err(_) => std::thread::park_timeout(LOOK),
        }
    }
}

/// What both directions of one connection know.
struct Link {
    shared: Arc<Shared>,
    closed: AtomicBool,
    /// It has lost a byte.
    deaf: AtomicBool,
    /// The server is carrying out a watched request: what becomes of its answer, and what the network
    /// then does.
    awaited: Mutex<Option<(Fate, Network)>>,
}

fn connect(client: &TcpStream, shared: &Arc<Shared>) {
    // While the network is silent, nobody reaches the server; whoever connects hears nothing.
    let mut deaf = false;
    let server = loop {
        match *lock(&shared.network) {
            _ if shared.ended.load(Ordering::SeqCst) => return,
            Network::Cut => return,
            Network::Silent => deaf = true,
            Network::Works if deaf => {}
            Network::Works => match TcpStream::connect(&shared.upstream) {
                Ok(server) => break server,
                Err(_) => return,
            },
        }
        std::thread::park_timeout(LOOK);
    };
    let link = Arc::new(Link {
        shared: Arc::clone(shared),
        closed: AtomicBool::new(false),
        deaf: AtomicBool::new(false),
        awaited: Mutex::default(),
    });
    let (from_client, from_server) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    let (to_client, other) = (client.try_clone().unwrap(), Arc::clone(&link));
    let back = std::thread::spawn(move || other.pass(from_server, to_client, false));
    link.pass(from_client, server.try_clone().unwrap(), true);
    back.join().ok();
    client.shutdown(Shutdown::Both).ok();
    server.shutdown(Shutdown::Both).ok();
}

impl Link {
    /// Passes bytes on, one way, until one side closes or the network is cut.
    fn pass(&self, mut from: TcpStream, mut to: TcpStream, is_client: bool) {
        from.set_read_timeout(Some(LOOK)).unwrap();
        from.set_nodelay(true).ok();
        to.set_nodelay(true).ok();
        let mut buffer = vec![0; 64 * 1024];
        let mut sent = Vec::new();
        while !self.is_over() {
            let read = match from.read(&mut buffer) {
                Ok(0) => break,
                Ok(read) => read,
                Err(error)
                    if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) =>
                {
                    continue;
                }
                Err(_) => break,
            };
            let bytes = &buffer[..read];
            // It may have been cut while this was read.
            if *lock(&self.shared.network) == Network::Cut {
                break;
            }
            if *lock(&self.shared.network) == Network::Silent || self.deaf.load(Ordering::SeqCst) {
                self.deaf.store(true, Ordering::SeqCst);
                continue;
            }
            if is_client {
                self.look_for_request(&mut sent, bytes);
            } else if let Some((answer, then)) = lock(&self.awaited).take() {
                // Nothing else passes until both are done.
                let mut network = lock(&self.shared.network);
                *network = then;
                if answer == Fate::Arrives {
                    if to.write_all(bytes).is_err() {
                        break;
                    }
                    continue;
                }
                self.shared.lost_answers.fetch_add(1, Ordering::SeqCst);
                if then == Network::Silent {
                    self.deaf.store(true, Ordering::SeqCst);
                    continue;
                }
                break;
            }
            if to.write_all(bytes).is_err() {
                break;
            }
        }
        self.closed.store(true, Ordering::SeqCst);
        from.shutdown(Shutdown::Both).ok();
        to.shutdown(Shutdown::Both).ok();
    }

    /// Notices a request that is watched, also if it comes in pieces.
    fn look_for_request(&self, sent: &mut Vec<u8>, bytes: &[u8]) {
        let mut watched = lock(&self.shared.watched);
        let Some(Watched { words, times, then, answer }) = watched.as_mut() else {
            sent.clear();
            return;
        };
        sent.extend_from_slice(bytes);
        if sent.windows(words.len()).any(|window| window == words.as_slice()) {
            *times -= 1;
            let then = if *times == 0 { *then } else { Network::Works };
            *lock(&self.awaited) = Some((*answer, then));
            sent.clear();
            if *times == 0 {
                *watched = None;
            }
            return;
        }
        let kept = sent.len().saturating_sub(words.len() - 1);
        sent.drain(..kept);
    }

    fn is_over(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
            || self.shared.ended.load(Ordering::SeqCst)
            || *lock(&self.shared.network) == Network::Cut
    }
}
