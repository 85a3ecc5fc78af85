//! Handlers and middleware that write down that they were called.

use std::marker::PhantomData;

use futures_util::future::BoxFuture;
use messenger::{
    DispatchError, Envelope, EnvelopeHandler, Handler, HandlerError, Message, Middleware, Next,
    async_trait,
};
use serde::Serialize;

use super::messages::Text;
use super::{Cx, FakeScope, Log};

/// A handler made from a closure.
pub(crate) struct Call<M, O, F> {
    name: &'static str,
    run: F,
    types: PhantomData<fn(M) -> O>,
}

/// A handler with this name that does what the closure says.
pub(crate) fn call<M, O, F>(name: &'static str, run: F) -> Call<M, O, F>
where
    F: for<'a> Fn(&'a M, &'a mut Cx) -> BoxFuture<'a, Result<O, HandlerError>>,
{
    Call { name, run, types: PhantomData }
}

impl<M, O, F> Handler<M, FakeScope> for Call<M, O, F>
where
    M: Message,
    O: Serialize + Send + Sync + 'static,
    F: for<'a> Fn(&'a M, &'a mut Cx) -> BoxFuture<'a, Result<O, HandlerError>>
        + Send
        + Sync
        + 'static,
{
    type Output = O;

    async fn handle(&self, message: &M, cx: &mut Cx) -> Result<O, HandlerError> {
        (self.run)(message, cx).await
    }

    fn name(&self) -> &'static str {
        self.name
    }
}

/// A handler that writes down its name and the message's text, and may then fail.
pub(crate) struct Recording {
    name: &'static str,
    log: Log,
    fails: bool,
}

/// Writes `name text`.
pub(crate) fn records(name: &'static str, log: &Log) -> Recording {
    Recording { name, log: log.clone(), fails: false }
}

/// Writes `name text`, then fails with `name broke`.
pub(crate) fn fails(name: &'static str, log: &Log) -> Recording {
    Recording { name, log: log.clone(), fails: true }
}

/// A middleware that writes its name and goes on: the "next" of a test.
pub(crate) fn records_only(name: &'static str, log: &Log) -> Tap {
    Tap { name, log: log.clone(), leaves: false }
}

impl<M: Message + Text> Handler<M, FakeScope> for Recording {
    type Output = ();

    async fn handle(&self, message: &M, _cx: &mut Cx) -> Result<(), HandlerError> {
        self.log.add(format!("{} {}", self.name, message.text()));
        if self.fails {
            return Err(anyhow::anyhow!("{} broke", self.name).into());
        }
        Ok(())
    }

    fn name(&self) -> &'static str {
        self.name
    }
}

/// A handler of many messages that writes `name message`.
pub(crate) struct Group {
    pub(crate) name: &'static str,
    pub(crate) log: Log,
}

impl Group {
    pub(crate) fn new(name: &'static str, log: &Log) -> Self {
        Self { name, log: log.clone() }
    }
}

#[async_trait]
impl EnvelopeHandler<FakeScope> for Group {
    async fn handle(&self, envelope: &Envelope, _cx: &mut Cx) -> Result<(), HandlerError> {
        self.log.add(format!("{} {}", self.name, messenger::short_name(envelope.name())));
        Ok(())
    }

    fn name(&self) -> &'static str {
        self.name
    }
}

/// A middleware that writes down when it is reached and left.
pub(crate) struct Tap {
    name: &'static str,
    log: Log,
    leaves: bool,
}

impl Tap {
    pub(crate) fn new(name: &'static str, log: &Log) -> Self {
        Self { name, log: log.clone(), leaves: true }
    }
}

#[async_trait]
impl Middleware<FakeScope> for Tap {
    async fn handle(
        &self,
        envelope: Envelope,
        cx: &mut Cx,
        next: Next<FakeScope>,
    ) -> Result<Envelope, DispatchError> {
        self.log.add(self.name);
        let result = next.run(envelope, cx).await;
        if self.leaves {
            self.log.add(format!("/{}", self.name));
        }
        result
    }

    fn name(&self) -> &'static str {
        self.name
    }
}
