//! In which order a copy is stored and the original goes, for every pair of stores: the lease and the
//! network are never waited for in an open transaction of the other one, and nothing is ever lost.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use messenger::clock::Clock;
use messenger::failed::FailedMessages;
use messenger::transport::{ById, ClaimableReceiver, Delivery, Fetch, Receiver, Sender, Transport};
use messenger::worker::{Worker, WorkerOptions};
use messenger::{
    Context, DispatchError, Envelope, Handler, HandlerError, Messenger, Scope, ScopeError,
    Transactions, TransportError, async_trait,
};

use crate::support::{Job, claimed, retries};

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    Nothing,
    /// Somebody else has the message before its failure is settled.
    LostBefore,
    /// Somebody else has it only when it is to be removed.
    LostAtLast,
    /// The copy is refused.
    Copied,
    /// The commit is refused.
    Commit,
    /// The removal is refused.
    Removal,
}

#[derive(Clone)]
struct Log(Arc<Mutex<Vec<String>>>, Fault);

impl Log {
    fn add(&self, step: impl Into<String>) {
        self.0.lock().expect("no test panics here").push(step.into());
    }

    fn has(&self, step: &str) -> bool {
        self.0.lock().expect("no test panics here").iter().any(|known| known == step)
    }

    fn meets(&self, fault: Fault) -> bool {
        self.1 == fault
    }
}

/// A database, as a unit of work sees it.
struct Database {
    log: Log,
    depth: usize,
}

impl Scope for Database {
    fn transactions(&mut self) -> &mut dyn Transactions {
        self
    }
}

#[async_trait]
impl Transactions for Database {
    fn depth(&self) -> usize {
        self.depth
    }

    async fn begin(&mut self) -> Result<(), ScopeError> {
        self.depth += 1;
        self.log.add("BEGIN");
        Ok(())
    }

    async fn commit(&mut self) -> Result<(), ScopeError> {
        self.depth -= 1;
        if self.log.meets(Fault::Commit) {
            self.log.add("refused");
            return Err(ScopeError::new("could not commit", "on purpose"));
        }
        self.log.add("COMMIT");
        Ok(())
    }

    async fn rollback(&mut self) -> Result<(), ScopeError> {
        self.depth -= 1;
        self.log.add("ROLLBACK");
        Ok(())
    }
}

/// A store inside of the database or outside of it.
struct Store {
    name: &'static str,
    delivery: Delivery,
    log: Log,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

impl Transport<Database> for Store {
    fn class(&self) -> &'static str {
        "Store"
    }

    fn sender(&self) -> &dyn Sender<Database> {
        self
    }

    fn receiver(&self) -> Option<&dyn Receiver<Database>> {
        Some(self)
    }
}

fn refused(what: &str) -> TransportError {
    TransportError::Configuration(format!("{what} is refused on purpose"))
}

#[async_trait]
impl Sender<Database> for Store {
    async fn send(
        &self,
        envelope: Envelope,
        cx: &mut Context<Database>,
    ) -> Result<Envelope, DispatchError> {
        if self.log.meets(Fault::Copied) {
            self.log.add("refused");
            return Err(refused("a copy").into());
        }
        self.log.add(format!("copy to {} at {}", self.name, cx.scope.depth));
        Ok(envelope)
    }

    fn delivery(&self) -> Delivery {
        self.delivery
    }
}

#[async_trait]
impl Receiver<Database> for Store {
    async fn get(&self, _: &Fetch<'_>) -> Result<Vec<Envelope>, TransportError> {
        Ok(Vec::new())
    }

    async fn ack(&self, _: &[Envelope]) -> Result<(), TransportError> {
        self.log.add("ack");
        Ok(())
    }

    async fn reject(
        &self,
        _: &Envelope,
        cx: &mut Context<Database>,
    ) -> Result<bool, TransportError> {
        if self.log.meets(Fault::Removal) {
            self.log.add("refused");
            return Err(refused("a removal"));
        }
        self.log.add(format!("remove from {} at {}", self.name, cx.scope.depth));
        Ok(!self.log.meets(Fault::LostAtLast) && !self.log.meets(Fault::LostBefore))
    }

    async fn release(&self, _: &[Envelope], _: Duration) -> Result<(), TransportError> {
        self.log.add("rest");
        Ok(())
    }

    async fn keepalive(&self, _: &[Envelope]) -> Result<(), TransportError> {
        self.log.add("renew");
        Ok(())
    }

    fn holds(&self, _: &Envelope) -> bool {
        !self.log.meets(Fault::LostBefore) || !self.log.has("renew")
    }

    fn lease(&self) -> Option<Duration> {
        Some(Duration::from_secs(60))
    }

    async fn wait(&self, _: &[String], _: Duration) -> Result<(), TransportError> {
        Ok(())
    }

    fn claimable(&self) -> Option<&dyn ClaimableReceiver> {
        Some(self)
    }
}

#[async_trait]
impl ClaimableReceiver for Store {
    async fn claim(&self, _: &str) -> Result<ById<Envelope>, TransportError> {
        Ok(ById::Done(claimed(1)))
    }
}

const IN: Delivery = Delivery::WithTransaction;
const OUT: Delivery = Delivery::Outside;

/// The transport `t` with these retries and the failure transport `failed`.
fn messenger(log: &Log, from: Delivery, to: Delivery, max_retries: u32) -> Messenger<Database> {
    let made = |name, delivery| Store { name, delivery, log: log.clone() };
    let database = log.clone();
    Messenger::builder(move || Database { log: database.clone(), depth: 0 })
        .clock(Clock::default())
        .bus("bus", |bus| bus.handler::<Job>(Broken))
        .transport("t", made("t", from))
        .transport("failed", made("failed", to))
        .on_failure("t", retries(max_retries), Some("failed"))
        .build()
        .unwrap_or_else(|error| panic!("{error}"))
}

/// What happens to a message of `t` that has failed.
async fn settled(from: Delivery, to: Delivery, max_retries: u32, fault: Fault) -> String {
    let log = Log(Arc::default(), fault);
    let messenger = messenger(&log, from, to, max_retries);
    let worker = Worker::new(messenger, &["t"], WorkerOptions::default());
    worker.expect("it can be received from").handle_claimed(claimed(1)).await;
    log.0.lock().expect("no test panics here").join(", ")
}

struct Broken;

impl Handler<Job, Database> for Broken {
    type Output = ();

    async fn handle(&self, _: &Job, _: &mut Context<Database>) -> Result<(), HandlerError> {
        Err("broken".into())
    }
}

#[tokio::test]
async fn a_copy_for_another_store_is_never_sent_in_an_open_transaction() {
    for (from, to, expected) in [
        (IN, IN, "BEGIN, copy to failed at 1, remove from t at 1, COMMIT"),
        (IN, OUT, "renew, copy to failed at 0, BEGIN, remove from t at 1, COMMIT"),
        (OUT, IN, "BEGIN, copy to failed at 1, COMMIT, remove from t at 0"),
        (OUT, OUT, "renew, copy to failed at 0, BEGIN, COMMIT, remove from t at 0"),
    ] {
        assert_eq!(settled(from, to, 0, Fault::Nothing).await, expected, "{from:?} to {to:?}");
    }
}

#[tokio::test]
async fn a_retry_goes_the_same_way() {
    let expected = "BEGIN, copy to t at 1, remove from t at 1, COMMIT";
    assert_eq!(settled(IN, OUT, 1, Fault::Nothing).await, expected);
    let expected = "renew, copy to t at 0, BEGIN, COMMIT, remove from t at 0";
    assert_eq!(settled(OUT, IN, 1, Fault::Nothing).await, expected);
}

#[tokio::test]
async fn a_lease_that_is_lost_in_time_leaves_no_copy() {
    for (from, to, expected) in [
        (IN, IN, "BEGIN, copy to failed at 1, remove from t at 1, ROLLBACK"),
        (IN, OUT, "renew"),
        (OUT, OUT, "renew"),
    ] {
        assert_eq!(settled(from, to, 0, Fault::LostBefore).await, expected, "{from:?} to {to:?}");
    }
}

#[tokio::test]
async fn a_lease_that_is_lost_at_the_last_moment_gives_the_message_twice_at_most() {
    for (from, to, expected) in [
        (IN, IN, "BEGIN, copy to failed at 1, remove from t at 1, ROLLBACK"),
        (IN, OUT, "renew, copy to failed at 0, BEGIN, remove from t at 1, ROLLBACK"),
        (OUT, IN, "BEGIN, copy to failed at 1, COMMIT, remove from t at 0"),
        (OUT, OUT, "renew, copy to failed at 0, BEGIN, COMMIT, remove from t at 0"),
    ] {
        assert_eq!(settled(from, to, 0, Fault::LostAtLast).await, expected, "{from:?} to {to:?}");
    }
}

#[tokio::test]
async fn without_a_copy_that_is_stored_the_original_stays() {
    for (from, to, expected) in [
        (IN, IN, "BEGIN, refused, ROLLBACK, rest"),
        (IN, OUT, "renew, refused, rest"),
        (OUT, IN, "BEGIN, refused, ROLLBACK, rest"),
        (OUT, OUT, "renew, refused, rest"),
    ] {
        assert_eq!(settled(from, to, 0, Fault::Copied).await, expected, "{from:?} to {to:?}");
    }
}

#[tokio::test]
async fn a_commit_that_is_refused_leaves_the_original_where_it_is() {
    for (from, to, expected) in [
        (IN, IN, "BEGIN, copy to failed at 1, remove from t at 1, refused, rest"),
        (IN, OUT, "renew, copy to failed at 0, BEGIN, remove from t at 1, refused, rest"),
        (OUT, IN, "BEGIN, copy to failed at 1, refused, rest"),
        (OUT, OUT, "renew, copy to failed at 0, BEGIN, refused, rest"),
    ] {
        assert_eq!(settled(from, to, 0, Fault::Commit).await, expected, "{from:?} to {to:?}");
    }
}

#[tokio::test]
async fn an_original_that_cannot_be_removed_rests_and_comes_twice() {
    for (from, to, expected) in [
        (IN, IN, "BEGIN, copy to failed at 1, refused, ROLLBACK, rest"),
        (IN, OUT, "renew, copy to failed at 0, BEGIN, refused, ROLLBACK, rest"),
        (OUT, IN, "BEGIN, copy to failed at 1, COMMIT, refused, rest"),
        (OUT, OUT, "renew, copy to failed at 0, BEGIN, COMMIT, refused, rest"),
    ] {
        assert_eq!(settled(from, to, 0, Fault::Removal).await, expected, "{from:?} to {to:?}");
    }
}

#[tokio::test]
async fn a_failed_message_that_is_skipped_goes_the_same_way() {
    for (store, expected) in [
        (IN, "BEGIN, copy to t at 1, remove from t at 1, COMMIT"),
        (OUT, "copy to t at 0, remove from t at 0"),
    ] {
        let log = Log(Arc::default(), Fault::Nothing);
        let failed = FailedMessages::new(messenger(&log, store, store, 0), "t");
        failed.expect("it can be received from").skip("1").await.expect("skipped");
        assert_eq!(log.0.lock().expect("no test panics here").join(", "), expected);
    }
}
