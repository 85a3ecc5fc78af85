//! Transactions of the scope, and what is undone when something is left half-way.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::dispatch::CallSite;
use super::{Context, Scope};
use crate::envelope::Envelope;
use crate::error::{DelayedMessageHandling, DispatchError};
use crate::message::Message;

/// Where something began that may be left half-way: by a panic, or by a future that is dropped.
pub(crate) struct Mark {
    depth: usize,
    call_site: CallSite,
    capturing: bool,
}

impl<S: Scope> Context<S> {
    /// Runs `work` in a transaction and commits it; messages held back inside are handled after
    /// the commit. An error undoes everything.
    ///
    /// # Errors
    /// The error of `work`, or why the transaction could not begin or commit. A
    /// [`DispatchError::Delayed`] says that the transaction **is** committed and that a message
    /// that waited for it failed.
    pub async fn transaction<T, E: From<DispatchError>>(
        &mut self,
        work: impl AsyncFnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        let is_root = self.begin_root();
        let result = match self.begin().await {
            Ok(()) => self.complete(work).await,
            Err(error) => Err(error.into()),
        };
        if !is_root {
            return result;
        }
        match result {
            Ok(value) => match self.finish_root().await {
                failures if failures.is_empty() => Ok(value),
                failures => {
                    let root = Envelope::new(Transaction);
                    Err(DispatchError::from(Box::new(DelayedMessageHandling { root, failures }))
                        .into())
                }
            },
            Err(error) => {
                self.abandon_root().await;
                Err(error)
            }
        }
    }

    /// Runs `work` in the transaction that was just opened, and commits it or undoes it.
    async fn complete<T, E: From<DispatchError>>(
        &mut self,
        work: impl AsyncFnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        let mark = self.mark();
        let held_back = self.held_back.as_ref().map_or(0, VecDeque::len);
        let result = work(self).await;
        self.undo_since(mark).await;
        let result = match result {
            Ok(value) => self.commit().await.map(|()| value).map_err(E::from),
            Err(error) => {
                self.rollback().await;
                Err(error)
            }
        };
        if result.is_err()
            && let Some(queue) = &mut self.held_back
        {
            // What was dispatched in there is undone with the rest.
            queue.truncate(held_back);
        }
        result
    }

    /// Opens a transaction, or a savepoint inside the open one.
    ///
    /// # Errors
    /// When the scope refuses.
    pub async fn begin(&mut self) -> Result<(), DispatchError> {
        if self.scope.transactions().depth() == 0 {
            self.held_back_before_transaction = self.held_back.as_ref().map_or(0, VecDeque::len);
        }
        Ok(self.scope.transactions().begin().await?)
    }

    /// Commits what the last [`begin`](Self::begin) opened. As the last step inside an outermost
    /// transaction, messages that were held back are written, to their transport or to the outbox,
    /// so that no crash can come between the commit and them. On an error everything is undone,
    /// unless nobody can say whether it is committed.
    ///
    /// # Errors
    /// When a message cannot be written, the commit is refused, or its outcome is not known.
    pub async fn commit(&mut self) -> Result<(), DispatchError> {
        let outermost = self.scope.transactions().depth() == 1;
        let result = if outermost { self.capture().await } else { Ok(()) };
        if let Err(error) = result {
            self.rollback().await;
            return Err(error);
        }
        let result = self.scope.transactions().commit().await;
        if outermost && result.is_err() {
            self.outbox.clear();
            self.forget_kept();
        }
        Ok(result?)
    }

    /// Undoes everything since the last [`begin`](Self::begin). A failure to do so is logged: the
    /// database undoes the work of a connection that is gone.
    pub async fn rollback(&mut self) {
        if self.scope.transactions().depth() == 1 {
            self.outbox.clear();
            self.forget_kept();
        }
        if let Err(error) = self.scope.transactions().rollback().await {
            tracing::error!(target: "messenger", %error, "Could not roll back: {error}");
        }
    }

    /// Notes what is open before something is called that may leave more open behind it.
    pub(crate) fn mark(&mut self) -> Mark {
        let depth = self.scope.transactions().depth();
        Mark { depth, call_site: self.call_site.clone(), capturing: self.capturing }
    }

    /// Undoes what was left open since the mark.
    pub(crate) async fn undo_since(&mut self, mark: Mark) {
        self.call_site = mark.call_site;
        self.capturing = mark.capturing;
        for _ in mark.depth..self.scope.transactions().depth() {
            self.rollback().await;
        }
    }
}

/// Stands for a transaction that no message started, where an envelope is needed.
#[derive(Debug, Serialize, Deserialize)]
struct Transaction;

impl Message for Transaction {
    const NAME: &'static str = "(transaction)";
}
