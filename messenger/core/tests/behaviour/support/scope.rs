//! A fake unit of work: it writes down every step, and has an outbox that obeys its transactions.

use std::sync::{Arc, Mutex, MutexGuard};

use messenger::{
    Encoded, HELD_BACK, OutboxEntry, OutboxMessage, Scope, ScopeError, Transactions, async_trait,
};

use super::Log;

/// A step that is to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refuse {
    Begin,
    Commit,
    Outbox,
}

/// The fake database behind all units of work of a test.
#[derive(Debug, Clone, Default)]
pub(crate) struct Store {
    log: Log,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    last_id: i64,
    outbox: Vec<(i64, String, Encoded)>,
    refuse: Option<Refuse>,
    no_outbox: bool,
}

impl Store {
    pub(crate) fn new(log: Log) -> Self {
        Self { log, state: Arc::default() }
    }

    /// The next step of this kind fails.
    pub(crate) fn refuse(&self, step: Refuse) {
        self.state().refuse = Some(step);
    }

    /// From now on there is no outbox.
    pub(crate) fn without_outbox(&self) {
        self.state().no_outbox = true;
    }

    /// Transport and body of every committed entry.
    pub(crate) fn outbox(&self) -> Vec<(String, String)> {
        let text = |(_, transport, message): &(i64, String, Encoded)| {
            (transport.clone(), String::from_utf8_lossy(&message.body).into_owned())
        };
        self.state().outbox.iter().map(text).collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no test panics while it holds the store")
    }

    fn attempt(&self, step: Refuse) -> Result<(), ScopeError> {
        let mut state = self.state();
        if state.refuse == Some(step) {
            state.refuse = None;
            return Err(ScopeError::new("fake", anyhow::anyhow!("{step:?} refused")));
        }
        Ok(())
    }
}

/// One unit of work. Transactions are numbered by their depth.
#[derive(Debug)]
pub(crate) struct FakeScope {
    store: Store,
    /// What each open transaction has written to the outbox.
    open: Vec<Vec<(i64, String, Encoded)>>,
}

impl FakeScope {
    pub(crate) fn new(store: Store) -> Self {
        Self { store, open: Vec::new() }
    }

    fn log(&self, step: &str) {
        self.store.log.add(format!("{step} {}", self.open.len()));
    }
}

impl Drop for FakeScope {
    fn drop(&mut self) {
        if !self.open.is_empty() {
            self.log("ABANDON");
        }
    }
}

impl Scope for FakeScope {
    fn transactions(&mut self) -> &mut dyn Transactions {
        self
    }
}

#[async_trait]
impl Transactions for FakeScope {
    fn depth(&self) -> usize {
        self.open.len()
    }

    async fn begin(&mut self) -> Result<(), ScopeError> {
        self.store.attempt(Refuse::Begin)?;
        self.open.push(Vec::new());
        self.log("BEGIN");
        Ok(())
    }

    async fn commit(&mut self) -> Result<(), ScopeError> {
        if let Err(error) = self.store.attempt(Refuse::Commit) {
            self.log("REFUSED");
            self.open.pop();
            return Err(error);
        }
        self.log("COMMIT");
        let written = self.open.pop().expect("a transaction is open");
        match self.open.last_mut() {
            Some(outer) => outer.extend(written),
            None => self.store.state().outbox.extend(written),
        }
        Ok(())
    }

    async fn rollback(&mut self) -> Result<(), ScopeError> {
        self.log("ROLLBACK");
        self.open.pop();
        Ok(())
    }

    async fn store_in_outbox(
        &mut self,
        transport: &str,
        message: Encoded,
    ) -> Result<Option<OutboxEntry>, ScopeError> {
        if self.store.state().no_outbox {
            return Ok(None);
        }
        self.store.attempt(Refuse::Outbox)?;
        // What is handled here is kept as well, and nobody sees it.
        if transport != HELD_BACK {
            self.log(&format!("outbox {transport} at"));
        }
        let mut state = self.store.state();
        state.last_id += 1;
        let id = state.last_id;
        let open = self.open.last_mut().expect("only written inside a transaction");
        open.push((id, transport.to_owned(), message));
        Ok(Some(OutboxEntry { id, lease: "lease".to_owned() }))
    }

    async fn claim_outbox(&mut self, max: usize) -> Result<Vec<OutboxMessage>, ScopeError> {
        let claim = |(id, transport, message): &(i64, String, Encoded)| {
            let entry = OutboxEntry { id: *id, lease: "lease".to_owned() };
            let (transport, message) = (transport.clone(), message.clone());
            OutboxMessage { entry, transport, message, deliveries: None }
        };
        let state = self.store.state();
        let outside = state.outbox.iter().filter(|(_, transport, _)| transport != HELD_BACK);
        Ok(outside.take(max).map(claim).collect())
    }

    async fn claim_held_back(&mut self, max: usize) -> Result<Vec<OutboxMessage>, ScopeError> {
        let claim = |(id, transport, message): &(i64, String, Encoded)| {
            let entry = OutboxEntry { id: *id, lease: "lease".to_owned() };
            let (transport, message) = (transport.clone(), message.clone());
            OutboxMessage { entry, transport, message, deliveries: Some(2) }
        };
        let state = self.store.state();
        let kept = state.outbox.iter().filter(|(_, transport, _)| transport == HELD_BACK);
        Ok(kept.take(max).map(claim).collect())
    }

    async fn update_in_outbox(
        &mut self,
        entry: &OutboxEntry,
        message: Encoded,
    ) -> Result<(), ScopeError> {
        let mut state = self.store.state();
        let kept = state.outbox.iter_mut().find(|(id, ..)| *id == entry.id);
        kept.expect("it is there").2 = message;
        Ok(())
    }

    async fn remove_from_outbox(&mut self, entry: OutboxEntry) -> Result<bool, ScopeError> {
        let mut state = self.store.state();
        let found = state.outbox.iter().position(|(id, ..)| *id == entry.id);
        let removed = found.map(|index| state.outbox.remove(index));
        drop(state);
        if removed.as_ref().is_some_and(|(_, transport, _)| transport != HELD_BACK) {
            self.log("outbox emptied at");
        }
        Ok(removed.is_some())
    }
}
