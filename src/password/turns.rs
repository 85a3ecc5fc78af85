//! Whose turn it is: a few may work at once, and each client has only some of these places, so that
//! the others wait for their turn and not for everything that one client wants.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// So many are at work at once: each takes 19 MiB and a core.
pub(super) const AT_ONCE: usize = 4;
/// So many of one client.
const AT_ONCE_OF_CLIENT: usize = 2;
/// So many may wait for their turn: more than that is a flood.
const WAITING: usize = 256;
/// So many of one client: more than a school that registers at once.
const WAITING_OF_CLIENT: usize = 128;
/// Clients that are gone are forgotten when there are so many.
const REMEMBERED: usize = 1024;

/// So many are at work already that nobody would wait for one more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many passwords are being hashed")]
pub struct TooBusy;

/// The places there are.
pub(super) struct Turns {
    all: Places,
    of_clients: Mutex<HashMap<String, Weak<Places>>>,
}

struct Places {
    at_work: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
}

/// A place. Dropped, it is given back.
pub(super) struct Turn {
    _places: [OwnedSemaphorePermit; 4],
    _of_client: Arc<Places>,
}

impl Turns {
    pub(super) fn new() -> Self {
        Self { all: Places::new(AT_ONCE, WAITING), of_clients: Mutex::default() }
    }

    /// Waits until it is this client's turn.
    pub(super) async fn take(&self, client: &str) -> Result<Turn, TooBusy> {
        let of_client = self.of(client);
        let waiting = [of_client.wait()?, self.all.wait()?];
        // The client's own place first: whoever waits for that keeps nobody else out.
        let own = of_client.work().await?;
        let at_work = self.all.work().await?;
        let [first, second] = waiting;
        Ok(Turn { _places: [first, second, own, at_work], _of_client: of_client })
    }

    fn of(&self, client: &str) -> Arc<Places> {
        let mut clients = self.of_clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = clients.get(client).and_then(Weak::upgrade) {
            return known;
        }
        if clients.len() >= REMEMBERED {
            clients.retain(|_, places| places.strong_count() > 0);
        }
        let places = Arc::new(Places::new(AT_ONCE_OF_CLIENT, WAITING_OF_CLIENT));
        clients.insert(client.to_owned(), Arc::downgrade(&places));
        places
    }
}

impl Places {
    fn new(at_work: usize, waiting: usize) -> Self {
        let semaphore = |places| Arc::new(Semaphore::new(places));
        Self { at_work: semaphore(at_work), waiting: semaphore(waiting) }
    }

    fn wait(&self) -> Result<OwnedSemaphorePermit, TooBusy> {
        Arc::clone(&self.waiting).try_acquire_owned().map_err(|_full| TooBusy)
    }

    async fn work(&self) -> Result<OwnedSemaphorePermit, TooBusy> {
        Arc::clone(&self.at_work).acquire_owned().await.map_err(|_closed| TooBusy)
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[tokio::test]
    async fn one_client_has_only_some_of_the_places_and_some_of_those_to_wait_in() {
        let turns = Turns::new();
        let _eve = [turns.take("eve").await.unwrap(), turns.take("eve").await.unwrap()];
        let mut waiting = Vec::new();
        for _ in AT_ONCE_OF_CLIENT..WAITING_OF_CLIENT {
            let mut turn = Box::pin(turns.take("eve"));
            assert!((&mut turn).now_or_never().is_none());
            waiting.push(turn);
        }
        assert_eq!(turns.take("eve").await.err(), Some(TooBusy));
        let vera = turns.take("vera").now_or_never();
        assert!(vera.is_some_and(|turn| turn.is_ok()), "somebody else need not wait");
        waiting.pop();
        assert!(turns.take("eve").now_or_never().is_none(), "whoever gives up makes place");
    }

    #[tokio::test]
    async fn places_come_back_and_clients_are_forgotten() {
        let turns = Turns::new();
        for number in 0..2 * REMEMBERED {
            turns.take(&number.to_string()).await.unwrap();
        }
        assert!(turns.of_clients.lock().unwrap().len() <= REMEMBERED);
        assert_eq!(turns.all.at_work.available_permits(), AT_ONCE);
        assert_eq!(turns.all.waiting.available_permits(), WAITING);
    }
}
