//! A request body that ends with an error when it is too long or too slow.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::error::PayloadError;
use bytes::Bytes;
use futures_util::Stream;
use tokio::time::{Instant, Sleep, sleep_until};

use super::limits::{Pace, UploadLimits};

/// Passes a body on. Too much of it is [`PayloadError::Overflow`]; too little of it is an
/// [`io::ErrorKind::TimedOut`].
pub(in crate::http) struct PacedBody<S> {
    body: S,
    pace: Pace,
    most: u64,
    received: u64,
    started: Instant,
    alarm: Pin<Box<Sleep>>,
}

impl<S> PacedBody<S> {
    pub(in crate::http) fn new(body: S, limits: &UploadLimits) -> Self {
        let started = Instant::now();
        let alarm = Box::pin(sleep_until(started + limits.pace.patience(0)));
        Self {
            body,
            pace: limits.pace.clone(),
            most: limits.request_bytes,
            received: 0,
            started,
            alarm,
        }
    }
}

impl<S> Stream for PacedBody<S>
where
    S: Stream<Item = Result<Bytes, PayloadError>> + Unpin,
{
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        if this.alarm.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Some(Err(PayloadError::Io(io::ErrorKind::TimedOut.into()))));
        }
        let piece = match Pin::new(&mut this.body).poll_next(cx) {
            Poll::Ready(Some(Ok(piece))) => piece,
            other => return other,
        };
        this.received += piece.len() as u64;
        if this.received > this.most {
            return Poll::Ready(Some(Err(PayloadError::Overflow)));
        }
        this.alarm.as_mut().reset(this.started + this.pace.patience(this.received));
        Poll::Ready(Some(Ok(piece)))
    }
}
