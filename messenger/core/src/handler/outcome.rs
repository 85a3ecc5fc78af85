//! What a function may return.

use serde::Serialize;

use crate::handler_error::HandlerError;

/// What a function that handles messages returns: nothing, or a `Result`.
pub trait Outcome: Send {
    /// `()` for commands and events, the answer for queries.
    type Output: Serialize + Send + Sync + 'static;

    /// As a handler's result.
    ///
    /// # Errors
    /// The function's own.
    fn into_result(self) -> Result<Self::Output, HandlerError>;
}

impl Outcome for () {
    type Output = ();

    fn into_result(self) -> Result<(), HandlerError> {
        Ok(())
    }
}

impl<T, E> Outcome for Result<T, E>
where
    T: Serialize + Send + Sync + 'static,
    E: Into<HandlerError> + Send,
{
    type Output = T;

    fn into_result(self) -> Result<T, HandlerError> {
        self.map_err(Into::into)
    }
}
