//! A listener that notes what it is told, and may have a say.

use std::sync::{Arc, Mutex};

use messenger::Envelope;
use messenger::worker::{FailedEvent, WorkerEvent, WorkerListener};

type Say = dyn Fn(&mut Told<'_, '_>) + Send + Sync;

/// Something a worker tells.
pub(crate) enum Told<'a, 'b> {
    Event(&'a mut WorkerEvent<'b>),
    Failed(&'a mut FailedEvent<'b>),
}

/// The names of what was told, in order. Clones share them.
#[derive(Clone, Default)]
pub(crate) struct Events {
    names: Arc<Mutex<Vec<&'static str>>>,
    retried: Arc<Mutex<Vec<Envelope>>>,
}

impl Events {
    pub(crate) fn names(&self) -> Vec<&'static str> {
        self.names.lock().expect("no test panics while it listens").clone()
    }

    pub(crate) fn count(&self, name: &str) -> usize {
        self.names().iter().filter(|told| **told == name).count()
    }

    /// What was told to have been sent again.
    pub(crate) fn retried(&self) -> Vec<Envelope> {
        self.retried.lock().expect("no test panics while it listens").clone()
    }

    /// A listener that only notes.
    pub(crate) fn listener(&self) -> Listener {
        self.and(|_| {})
    }

    /// A listener that notes, and then has its say.
    pub(crate) fn and(&self, say: impl Fn(&mut Told<'_, '_>) + Send + Sync + 'static) -> Listener {
        Listener { events: self.clone(), say: Box::new(say) }
    }

    /// A listener that stops the worker at the first `Running`.
    pub(crate) fn and_stop(&self) -> Listener {
        self.and(|told| {
            if let Told::Event(WorkerEvent::Running { stop, .. }) = told {
                stop.stop();
            }
        })
    }

    fn add(&self, name: &'static str) {
        self.names.lock().expect("no test panics while it listens").push(name);
    }
}

pub(crate) struct Listener {
    events: Events,
    say: Box<Say>,
}

impl WorkerListener for Listener {
    fn on_event(&self, event: &mut WorkerEvent<'_>) {
        self.events.add(match event {
            WorkerEvent::Started => "Started",
            WorkerEvent::MessageReceived { .. } => "Received",
            WorkerEvent::MessageHandled { .. } => "Handled",
            WorkerEvent::MessageRetried { envelope, .. } => {
                let mut retried = self.events.retried.lock().expect("no test panics here");
                retried.push((*envelope).clone());
                "Retried"
            }
            WorkerEvent::MessageKept { .. } => "Kept",
            WorkerEvent::MessageDropped { .. } => "Dropped",
            WorkerEvent::RateLimited { .. } => "RateLimited",
            WorkerEvent::Running { idle: true, .. } => "Idle",
            WorkerEvent::Running { .. } => "Running",
            WorkerEvent::Stopped => "Stopped",
            _ => "?",
        });
        (self.say)(&mut Told::Event(event));
    }

    fn on_failed(&self, event: &mut FailedEvent<'_>) {
        self.events.add("Failed");
        (self.say)(&mut Told::Failed(event));
    }
}
