//! Messages: plain values that say what should happen or what has happened.

use std::any::Any;
use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::envelope::Envelope;
use crate::stamp::Stamp;

/// A plain value that says what should happen (a command), what has happened (an event) or what
/// somebody wants to know (a query).
///
/// ```
/// use messenger::{Interface, Message, interfaces};
///
/// /// Everything that may wait for a worker.
/// trait AsyncMessage {}
///
/// #[derive(Debug, serde::Serialize, serde::Deserialize)]
/// #[serde(rename_all = "camelCase")]
/// struct AddFrameToImage { image_post_id: String }
/// impl AsyncMessage for AddFrameToImage {}
///
/// impl Message for AddFrameToImage {
///     const NAME: &'static str = r"App\Message\AddFrameToImage";
///     const INTERFACES: &'static [Interface] = interfaces![Self: AsyncMessage];
/// }
/// ```
pub trait Message: Serialize + DeserializeOwned + Debug + Send + Sync + 'static {
    /// The name the message travels under (the `type` header): in Symfony the class name.
    /// Renaming it orphans queued messages.
    const NAME: &'static str;

    /// The groups this message belongs to, for routing and for group handlers. Write it with
    /// [`interfaces!`](crate::interfaces), so that the compiler checks the claim.
    const INTERFACES: &'static [Interface] = &[];

    /// Puts the message in an envelope with a stamp.
    fn with(self, stamp: impl Stamp) -> Envelope
    where
        Self: Sized,
    {
        Envelope::new(self).with(stamp)
    }
}

/// The name of a group of messages: in PHP an interface, in Rust a marker trait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Interface(pub &'static str);

/// Lists the marker traits of a message; does not compile unless the message implements them.
///
/// ```compile_fail
/// use messenger::{Interface, interfaces};
/// trait AsyncMessage {}
/// struct NotAsync;
/// const CLAIM: &[Interface] = interfaces![NotAsync: AsyncMessage]; // the trait is missing
/// ```
#[macro_export]
macro_rules! interfaces {
    ($message:ty: $($marker:ident),+ $(,)?) => {{
        $({
            const fn claims<T: $marker + ?Sized>() {}
            claims::<$message>();
        })+
        &[$($crate::Interface(stringify!($marker))),+]
    }};
}

/// A message whose type has been erased: what an [`Envelope`] holds.
pub(crate) trait AnyMessage: Any + Debug + Send + Sync {
    /// The wire name.
    fn name(&self) -> &str;
    /// The groups the message belongs to.
    fn interfaces(&self) -> &'static [Interface];
    /// The JSON body.
    fn encode(&self) -> Result<String, serde_json::Error>;
}

impl<M: Message> AnyMessage for M {
    fn name(&self) -> &str {
        M::NAME
    }

    fn interfaces(&self) -> &'static [Interface] {
        M::INTERFACES
    }

    fn encode(&self) -> Result<String, serde_json::Error> {
        crate::codec::php_json::to_string(self)
    }
}

/// The part of a wire name behind the last backslash: `AddFrameToImage`.
#[must_use]
pub fn short_name(name: &str) -> &str {
    name.rsplit('\\').next().unwrap_or(name)
}
