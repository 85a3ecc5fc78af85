//! The stamps that can be read back from a queued message.

use std::collections::HashMap;
use std::sync::Arc;

use super::serializer_stamp;
use crate::stamp::{
    AnyStamp, BusNameStamp, DelayStamp, DoNotKeepOnFailureStamp, ErrorDetailsStamp, HandledStamp,
    HistoryLeftOutStamp, Place, RedeliveryStamp, SERIALIZER_STAMP, SentToFailureTransportStamp,
    TransportMessageIdStamp, TransportNamesStamp, WireStamp,
};

pub(super) type Stamps = Result<Vec<Arc<dyn AnyStamp>>, serde_json::Error>;
type Reader = fn(&str) -> Stamps;

/// A registry from header to stamp type. It starts with the library's own stamps.
#[derive(Clone)]
pub struct KnownStamps {
    symfony: HashMap<&'static str, Reader>,
    headers: HashMap<&'static str, Reader>,
}

impl KnownStamps {
    /// Makes a stamp of the application readable.
    pub fn register<S: WireStamp>(&mut self) {
        match S::PLACE {
            Place::Symfony(class) => self.symfony.insert(class, read_list::<S>),
            Place::Header(name) => self.headers.insert(name, read_one::<S>),
        };
    }

    /// Reads the stamps of one class; `None` if the class is unknown.
    pub(crate) fn read_class(&self, class: &str, json: &str) -> Option<Stamps> {
        self.symfony.get(class).map(|read| read(json))
    }

    /// Reads the stamp in a plain header; `None` if no stamp travels in it.
    pub(crate) fn read_header(&self, name: &str, json: &str) -> Option<Stamps> {
        self.headers.get(name).map(|read| read(json))
    }
}

impl Default for KnownStamps {
    fn default() -> Self {
        let mut known = Self { symfony: HashMap::new(), headers: HashMap::new() };
        known.register::<BusNameStamp>();
        known.register::<DelayStamp>();
        known.register::<TransportNamesStamp>();
        known.register::<RedeliveryStamp>();
        known.register::<TransportMessageIdStamp>();
        known.register::<HandledStamp>();
        known.register::<SentToFailureTransportStamp>();
        known.register::<ErrorDetailsStamp>();
        known.symfony.insert(SERIALIZER_STAMP, serializer_stamp::read);
        known.register::<HistoryLeftOutStamp>();
        // Where earlier versions wrote them.
        known.headers.insert("X-Ponka-Do-Not-Keep-On-Failure", |_| {
            Ok(vec![Arc::new(DoNotKeepOnFailureStamp)])
        });
        known.headers.insert("X-Ponka-History-Left-Out", read_one::<HistoryLeftOutStamp>);
        known
    }
}

impl std::fmt::Debug for KnownStamps {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.symfony.keys()).entries(self.headers.keys()).finish()
    }
}

fn read_list<S: WireStamp>(json: &str) -> Stamps {
    let stamps: Vec<S> = serde_json::from_str(json)?;
    Ok(stamps.into_iter().map(|stamp| Arc::new(stamp) as Arc<dyn AnyStamp>).collect())
}

fn read_one<S: WireStamp>(json: &str) -> Stamps {
    let stamp: S = serde_json::from_str(json)?;
    Ok(vec![Arc::new(stamp)])
}
