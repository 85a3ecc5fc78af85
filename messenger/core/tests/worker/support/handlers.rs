//! Handlers that note when they are called, and then do as they are told.

use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use chrono::{DateTime, Utc};
use messenger::{Context, Handler, HandlerError, Message};

use super::Counting;

/// The calls of all handlers of a test: who, and when.
#[derive(Clone, Default)]
pub(crate) struct Calls(Arc<Mutex<Vec<Call>>>);

type Call = (&'static str, DateTime<Utc>);

impl Calls {
    /// How often the handler was called.
    pub(crate) fn of(&self, name: &str) -> usize {
        self.lock().iter().filter(|(called, _)| *called == name).count()
    }

    /// Seconds between the first call of the handler and each of its calls.
    pub(crate) fn seconds_of(&self, name: &str) -> Vec<i64> {
        let calls = self.lock();
        let times = calls.iter().filter(|(called, _)| *called == name).map(|(_, at)| *at);
        let first = times.clone().next();
        times.map(|at| (at - first.expect("there is one")).num_seconds()).collect()
    }

    /// The names in order.
    pub(crate) fn all(&self) -> Vec<&'static str> {
        self.lock().iter().map(|(name, _)| *name).collect()
    }

    pub(crate) fn add(&self, name: &'static str, at: DateTime<Utc>) -> usize {
        let mut calls = self.lock();
        calls.push((name, at));
        calls.iter().filter(|(called, _)| *called == name).count()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Call>> {
        self.0.lock().expect("no test panics while it counts")
    }
}

type Outcome = Pin<Box<dyn Future<Output = Result<(), HandlerError>> + Send>>;
type Script<M> = dyn Fn(M, usize) -> Outcome + Send + Sync;

/// A handler that is a closure; it is given the message and the number of the call.
pub(crate) struct Does<M> {
    name: &'static str,
    calls: Calls,
    script: Box<Script<M>>,
    message: PhantomData<fn(M)>,
}

impl<M: Message + Clone> Handler<M, Counting> for Does<M> {
    type Output = ();

    async fn handle(&self, message: &M, cx: &mut Context<Counting>) -> Result<(), HandlerError> {
        let call = self.calls.add(self.name, cx.messenger().clock().now());
        (self.script)(message.clone(), call).await
    }

    fn name(&self) -> &'static str {
        self.name
    }
}

/// A handler that does this.
pub(crate) fn does<M, F>(
    name: &'static str,
    calls: &Calls,
    script: impl Fn(M, usize) -> F + Send + Sync + 'static,
) -> Does<M>
where
    M: Message + Clone,
    F: Future<Output = Result<(), HandlerError>> + Send + 'static,
{
    let script = Box::new(move |message, call| Box::pin(script(message, call)) as Outcome);
    Does { name, calls: calls.clone(), script, message: PhantomData }
}

/// A handler that succeeds.
pub(crate) fn works<M: Message + Clone>(name: &'static str, calls: &Calls) -> Does<M> {
    does(name, calls, |_, _| async { Ok(()) })
}

/// A handler that always fails with an ordinary error, which tells the number of the call.
pub(crate) fn fails<M: Message + Clone>(name: &'static str, calls: &Calls) -> Does<M> {
    fails_with(name, calls, |call| anyhow::anyhow!("Failure from call {call}").into())
}

/// A handler that always fails with this error.
pub(crate) fn fails_with<M: Message + Clone>(
    name: &'static str,
    calls: &Calls,
    error: impl Fn(usize) -> HandlerError + Send + Sync + 'static,
) -> Does<M> {
    does(name, calls, move |_, call| {
        let error = error(call);
        async move { Err(error) }
    })
}
