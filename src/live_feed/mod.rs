//! Tells the open pages of this process that photos have changed, whichever process changed them.
//!
//! One task looks after all of them: when something was committed it asks once how far the owners
//! of these pages have got, and wakes those whose photos have changed. It runs while a page is open.

mod subscription;
mod task;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use messenger::clock::Clock;
use messenger_doctrine::Database;
use tokio::sync::watch;
use uuid::Uuid;

use self::subscription::News;
pub use self::subscription::{End, Subscription, Wake};
use crate::descriptors::Places;

/// How often a page hears that the server is there.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// How many streams one owner may have; with one more, the oldest ends.
const PER_OWNER: usize = 6;

/// The open streams of this process. A clone is cheap and means the same ones.
#[derive(Clone)]
pub struct LiveFeed(Arc<Inner>);

struct Inner {
    database: Database,
    clock: Clock,
    heartbeat: Duration,
    /// How many streams there may be: with one more of all, the client with most of them loses one;
    /// with one more of a client, its oldest ends.
    places: Places,
    streams: Mutex<Streams>,
}

#[derive(Default)]
struct Streams {
    by_owner: HashMap<Uuid, BTreeMap<u64, Seat>>,
    /// The owners of the streams of each client.
    by_client: HashMap<String, BTreeMap<u64, Uuid>>,
    taken: usize,
    last_number: u64,
    is_watched: bool,
    is_closed: bool,
}

/// Who holds one stream, and how it is told of news.
struct Seat {
    /// The hash of the token of the session that it belongs to, if there is one.
    session: Option<String>,
    client: String,
    news: watch::Sender<News>,
}

/// There is no place for one more stream now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no place for one more stream")]
pub struct NoPlace;

impl LiveFeed {
    /// A feed to which nobody listens yet, and which therefore asks the database nothing.
    #[must_use]
    pub fn new(database: Database, clock: Clock) -> Self {
        Self::with_heartbeat(database, clock, HEARTBEAT)
    }

    /// The same with another time between two signs of life.
    #[must_use]
    pub fn with_heartbeat(database: Database, clock: Clock, heartbeat: Duration) -> Self {
        let places = Places::now();
        Self(Arc::new(Inner { database, clock, heartbeat, places, streams: Mutex::default() }))
    }

    /// Opens a stream of this client for an owner; it ends with the session that has this hash. Must
    /// be called on a runtime.
    ///
    /// # Errors
    /// When there are too many, or the process is about to end.
    pub fn subscribe(
        &self,
        client: &str,
        owner: Uuid,
        session: Option<String>,
    ) -> Result<Subscription, NoPlace> {
        let mut streams = self.0.streams();
        if streams.is_closed || !streams.find_place_for(client, self.0.places) {
            return Err(NoPlace);
        }
        let (news, received) = watch::channel(News::default());
        streams.last_number += 1;
        let number = streams.last_number;
        streams.take(owner, number, Seat { session, client: client.to_owned(), news });
        if !std::mem::replace(&mut streams.is_watched, true) {
            tokio::spawn(task::watch(Arc::clone(&self.0)));
        }
        Ok(Subscription::new(received, owner, number, self.clone()))
    }

    /// Ends every stream, and lets no more begin: the process is about to end.
    pub fn close(&self) {
        let mut streams = self.0.streams();
        streams.is_closed = true;
        for seat in streams.by_owner.values().flat_map(BTreeMap::values) {
            seat.end(End::Shutdown);
        }
    }

    /// How many streams there are.
    #[must_use]
    pub fn open_streams(&self) -> usize {
        self.0.streams().taken
    }
}

impl Inner {
    fn streams(&self) -> MutexGuard<'_, Streams> {
        self.streams.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Streams {
    /// Whether there is a place for one more. When all are taken, whoever has most of them gives one
    /// back: nobody can keep everybody else out. A client with its whole share gives back its own.
    fn find_place_for(&mut self, client: &str, places: Places) -> bool {
        let has = self.by_client.get(client).map_or(0, BTreeMap::len);
        if has >= places.streams_of_client {
            return self.give_back_oldest_of(client);
        }
        if self.taken < places.streams {
            return true;
        }
        let most = self.by_client.iter().max_by_key(|(_, streams)| streams.len());
        match most.filter(|(_, streams)| streams.len() > has + 1).map(|(client, _)| client.clone())
        {
            Some(greediest) => self.give_back_oldest_of(&greediest),
            None => false,
        }
    }

    fn give_back_oldest_of(&mut self, client: &str) -> bool {
        let oldest = self.by_client.get(client).and_then(BTreeMap::first_key_value);
        let Some((number, owner)) = oldest.map(|(number, owner)| (*number, *owner)) else {
            return false;
        };
        if let Some(seat) = self.by_owner.get(&owner).and_then(|own| own.get(&number)) {
            seat.end(End::TooMany);
        }
        self.leave(owner, number);
        true
    }

    fn take(&mut self, owner: Uuid, number: u64, seat: Seat) {
        self.taken += 1;
        let of_client = self.by_client.entry(seat.client.clone()).or_default();
        of_client.insert(number, owner);
        let own = self.by_owner.entry(owner).or_default();
        own.insert(number, seat);
        let are_too_many = own.len() > PER_OWNER;
        if let Some((number, oldest)) = own.first_key_value().filter(|_| are_too_many) {
            oldest.end(End::TooMany);
            let number = *number;
            self.leave(owner, number);
        }
    }

    fn leave(&mut self, owner: Uuid, number: u64) {
        let Some(own) = self.by_owner.get_mut(&owner) else { return };
        let Some(seat) = own.remove(&number) else { return };
        if own.is_empty() {
            self.by_owner.remove(&owner);
        }
        self.taken -= 1;
        let Some(of_client) = self.by_client.get_mut(&seat.client) else { return };
        of_client.remove(&number);
        if of_client.is_empty() {
            self.by_client.remove(&seat.client);
        }
    }
}

impl Seat {
    fn end(&self, end: End) {
        self.news.send_modify(|news| news.end = Some(end));
    }
}
