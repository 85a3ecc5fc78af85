//! Functions as handlers.

use std::future::Future;
use std::marker::PhantomData;
use std::sync::Arc;

use async_trait::async_trait;

use super::data::{Data, Need};
use super::outcome::Outcome;
use super::{AnyHandler, Handler, Typed, message_of};
use crate::bus::KnownMessage;
use crate::context::{Context, Scope};
use crate::envelope::Envelope;
use crate::handler_error::HandlerError;
use crate::message::Message;
use crate::stamp::HandledResult;

/// What can be registered as the handler of one message type: a [`Handler`], or an `async fn`.
///
/// The function takes the message by reference, then up to four [`Data`], then, if it needs it, the
/// [`Context`]; it returns nothing or a `Result`. Its path is the handler's name.
///
/// ```
/// use messenger::{Context, Data, HandlerError, Message};
/// # use serde::{Deserialize, Serialize};
/// # struct Mailer;
/// # #[derive(Debug, Serialize, Deserialize)] struct Greet { name: String }
/// # impl Message for Greet { const NAME: &'static str = "Greet"; }
///
/// async fn print(greet: &Greet) {
///     println!("Hello, {}", greet.name);
/// }
///
/// async fn mail(greet: &Greet, mailer: Data<Mailer>, cx: &mut Context<()>) -> Result<(), HandlerError> {
///     Ok(())
/// }
///
/// let messenger = messenger::Messenger::builder(|| ())
///     .data(Mailer)
///     .bus("bus", |bus| bus.handler(print).handler(mail))
///     .build()?;
/// # Ok::<(), messenger::BuildError>(())
/// ```
///
/// `Kind` is what tells the two apart: the message itself for a [`Handler`], so that
/// `handler::<Greet>(…)` says which one is meant where a type handles several.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot handle a message here",
    label = "not a handler",
    note = "a function that handles a message is an `async fn(&Message)` that returns `()` or \
            `Result<_, HandlerError>`; it may also take up to four `Data<_>` and, last, a \
            `&mut Context<{S}>`",
    note = "a struct that handles a message implements `Handler<Message, {S}>`"
)]
pub trait IntoHandler<Kind, S: Scope>: Sized {
    #[doc(hidden)]
    fn into_handler(self) -> ErasedHandler<S>;
}

/// A handler whose types have been erased, and what it needs.
#[doc(hidden)]
pub struct ErasedHandler<S: Scope> {
    pub(crate) message: KnownMessage,
    pub(crate) name: &'static str,
    pub(crate) handler: Arc<dyn AnyHandler<S>>,
    pub(crate) needs: Vec<Need>,
}

impl<M: Message, S: Scope, H: Handler<M, S>> IntoHandler<M, S> for H {
    fn into_handler(self) -> ErasedHandler<S> {
        let name = self.name();
        let message = KnownMessage::of::<M>();
        let handler = Arc::new(Typed(self, PhantomData));
        ErasedHandler { message, name, handler, needs: Vec::new() }
    }
}

/// Says which parameters a function has.
#[doc(hidden)]
pub struct Function<P>(PhantomData<fn(P)>);

/// A function and its parameters.
struct Called<F, P>(F, PhantomData<fn(P)>);

fn need<S: Scope, T: Send + Sync + 'static>(cx: &Context<S>) -> Result<Data<T>, HandlerError> {
    let given = cx.messenger().data::<T>();
    given.ok_or_else(|| HandlerError::unrecoverable(NotGiven(std::any::type_name::<T>())))
}

/// A handler was called in a messenger that it was not registered with.
#[derive(Debug, thiserror::Error)]
#[error("Data<{0}> was not given to the messenger")]
struct NotGiven(&'static str);

/// A function with these `Data` and with or without the context. `$call` is a trait of its own
/// because the future borrows from the message, which `Fn(&M) -> F` cannot say.
macro_rules! functions {
    ($($call:ident($($data:ident $value:ident)* $(; $cx:ident)?);)*) => { $(
        #[doc(hidden)]
        pub trait $call<'a, M: 'a, $($data,)* $($cx: Scope,)?>: Send + Sync + 'static {
            type Outcome: Outcome;
            type Future: Future<Output = Self::Outcome> + Send + 'a;

            fn call(
                &self, message: &'a M, $($value: Data<$data>,)* $(cx: &'a mut Context<$cx>)?
            ) -> Self::Future;
        }

        impl<'a, Fun, Fut, M: 'a, $($data,)* $($cx: Scope,)?> $call<'a, M, $($data,)* $($cx,)?> for Fun
        where
            Fun: Fn(&'a M, $(Data<$data>,)* $(&'a mut Context<$cx>)?) -> Fut + Send + Sync + 'static,
            Fut: Future + Send + 'a,
            Fut::Output: Outcome,
        {
            type Outcome = Fut::Output;
            type Future = Fut;

            fn call(
                &self, message: &'a M, $($value: Data<$data>,)* $(cx: &'a mut Context<$cx>)?
            ) -> Fut {
                self(message, $($value,)* $(functions!(@pass $cx cx))?)
            }
        }

        functions!(@handler $call [$($data)*] [$($cx)?]);
    )* };
    (@handler $call:ident [$($data:ident)*] []) => {
        functions!(@impl $call [$($data)*] [] S (cx) [M, ($($data,)*), (), R]);
    };
    (@handler $call:ident [$($data:ident)*] [$cx:ident]) => {
        functions!(@impl $call [$($data)*] [$cx] $cx (cx) [M, ($($data,)*), Context<$cx>, R]);
    };
    (@impl $call:ident [$($data:ident)*] [$($with:ident)?] $scope:ident ($cx:ident) [$($kind:tt)*]) => {
        impl<Fun, M, $scope, R, $($data,)*> IntoHandler<Function<($($kind)*,)>, $scope> for Fun
        where
            Fun: for<'a> $call<'a, M, $($data,)* $($with,)? Outcome = R>,
            M: Message,
            $scope: Scope,
            R: Outcome + 'static,
            $($data: Send + Sync + 'static,)*
        {
            fn into_handler(self) -> ErasedHandler<$scope> {
                ErasedHandler {
                    message: KnownMessage::of::<M>(),
                    name: std::any::type_name::<Fun>(),
                    handler: Arc::new(Called::<Fun, ($($kind)*,)>(self, PhantomData)),
                    needs: vec![$(Need::of::<$data>()),*],
                }
            }
        }

        #[async_trait]
        impl<Fun, M, $scope, R, $($data,)*> AnyHandler<$scope> for Called<Fun, ($($kind)*,)>
        where
            Fun: for<'a> $call<'a, M, $($data,)* $($with,)? Outcome = R>,
            M: Message,
            $scope: Scope,
            R: Outcome + 'static,
            $($data: Send + Sync + 'static,)*
        {
            async fn call(
                &self,
                envelope: &Envelope,
                $cx: &mut Context<$scope>,
            ) -> Result<HandledResult, HandlerError> {
                let _ = &$cx;
                let outcome = self.0.call(
                    message_of::<M>(envelope)?,
                    $(need::<$scope, $data>($cx)?,)*
                    $(functions!(@pass $with $cx))?
                );
                outcome.await.into_result().map(HandledResult::new)
            }
        }
    };
    (@pass $with:ident $cx:ident) => { $cx };
}

functions! {
    Call0();
    Call1(A a);
    Call2(A a B b);
    Call3(A a B b C c);
    Call4(A a B b C c D d);
    CallCx0(; S);
    CallCx1(A a; S);
    CallCx2(A a B b; S);
    CallCx3(A a B b C c; S);
    CallCx4(A a B b C c D d; S);
}
