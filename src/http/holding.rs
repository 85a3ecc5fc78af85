//! An answer that holds on to something until its last byte is gone, or nobody wants it any more.

use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::web::Bytes;

/// The body of an answer, and what is kept for as long as it is on its way.
pub(super) struct Holding<T> {
    answer: BoxBody,
    _held: T,
}

impl<T> Holding<T> {
    /// This answer, holding on to that.
    pub(super) fn new(answer: impl MessageBody + 'static, held: T) -> Self {
        Self { answer: answer.boxed(), _held: held }
    }
}

impl<T: Unpin> MessageBody for Holding<T> {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.answer.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.answer).poll_next(cx)
    }
}
