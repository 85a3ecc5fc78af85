//! Stamps: what is known about a message's journey, each in the words of Symfony.

mod delivery;
mod description;
mod failure;
mod handling;
mod routing;

use std::any::Any;
use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;

pub use delivery::{
    DelayStamp, QueueNameStamp, QueueStateStamp, RedeliveryStamp, SerializedMessageStamp,
    TransportMessageIdStamp,
};
pub use description::StampDescription;
pub(crate) use failure::SERIALIZER_STAMP;
pub use failure::{
    DoNotKeepOnFailureStamp, ErrorDetailsStamp, HistoryLeftOutStamp, SentToFailureTransportStamp,
};
pub use handling::{
    ConsumedByWorkerStamp, DeliveryCountStamp, DispatchAfterCurrentBusStamp, HandledResult,
    HandledStamp,
};
pub use routing::{BusNameStamp, ReceivedStamp, SentStamp, TransportNamesStamp};

/// A piece of information on an envelope.
///
/// A stamp stays in this process unless [`Stamp::wire`] says how it travels.
pub trait Stamp: Debug + Send + Sync + 'static {
    /// How the stamp travels with a queued message; `None` (the default) keeps it here.
    fn wire(&self) -> Option<WireForm> {
        None
    }
}

/// A stamp that can be read back from a queued message.
pub trait WireStamp: Stamp + Serialize + DeserializeOwned {
    /// Where it is found.
    const PLACE: Place;
}

/// Where a stamp stands among the headers of a queued message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In the header `X-Message-Stamp-<class>`, as one element of a JSON array. Only for classes
    /// that Symfony has: a PHP worker cannot decode a message with an unknown stamp class.
    Symfony(&'static str),
    /// In a plain header of this name, which PHP ignores. The last stamp of its type is sent.
    Header(&'static str),
}

/// A stamp on its way out: where it goes, and its JSON.
#[derive(Debug)]
pub struct WireForm {
    /// Where the stamp stands among the headers.
    pub place: Place,
    /// The stamp as JSON, or why it could not be written.
    pub json: Result<String, serde_json::Error>,
}

impl WireForm {
    /// The wire form of a serialisable stamp.
    pub fn of<S: WireStamp>(stamp: &S) -> Option<Self> {
        let json = crate::codec::php_json::to_string(stamp);
        Some(Self { place: S::PLACE, json })
    }
}

/// A stamp whose type has been erased: what an envelope holds.
pub(crate) trait AnyStamp: Any + Debug + Send + Sync {
    fn wire(&self) -> Option<WireForm>;
    fn travels(&self) -> bool;
    fn describe(&self) -> StampDescription;
}

impl<S: Stamp> AnyStamp for S {
    fn wire(&self) -> Option<WireForm> {
        Stamp::wire(self)
    }

    fn travels(&self) -> bool {
        let any: &dyn Any = self;
        // These three carry what came from outside, and travel in a form of their own.
        any.is::<crate::codec::RawStamp>()
            || any.is::<crate::codec::PassedOnHeader>()
            || any.is::<SerializedMessageStamp>()
            || Stamp::wire(self).is_some()
    }

    fn describe(&self) -> StampDescription {
        StampDescription::of(self)
    }
}

/// Gives stamps their Symfony class name, `Symfony\Component\Messenger\Stamp\<Type>`.
macro_rules! symfony_stamps {
    ($($stamp:ident),+ $(,)?) => {$(
        impl $crate::stamp::Stamp for $stamp {
            fn wire(&self) -> Option<$crate::stamp::WireForm> {
                $crate::stamp::WireForm::of(self)
            }
        }
        impl $crate::stamp::WireStamp for $stamp {
            const PLACE: $crate::stamp::Place = $crate::stamp::Place::Symfony(concat!(
                r"Symfony\Component\Messenger\Stamp\",
                stringify!($stamp)
            ));
        }
    )+};
}
use symfony_stamps;
