//! Gives up on bodies that do not come: nobody may hold a connection for as long as they like.

use std::cell::RefCell;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::error::PayloadError;
use actix_web::middleware::Next;
use actix_web::web::Bytes;
use actix_web::{Error, HttpMessage};
use futures_util::Stream;

use super::holding::Holding;
use super::upload::{PacedBody, UploadLimits};

/// A body that is still there when whoever reads it has let go of it.
#[derive(Clone)]
struct Kept(Rc<RefCell<Payload>>);

impl Stream for Kept {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut *self.0.borrow_mut()).poll_next(cx)
    }
}

/// Middleware for [`actix_web::middleware::from_fn`], to be wrapped around everything else: reading a
/// body that comes too slowly ends with an error, and a connection whose body was not read to its
/// end is closed after the answer.
///
/// # Errors
/// Only what the inner service returns.
pub async fn pace_bodies<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B, impl MessageBody>>, Error> {
    let body = request.take_payload();
    if matches!(body, Payload::None) {
        return next.call(request).await.map(ServiceResponse::map_into_left_body);
    }
    let body = Kept(Rc::new(RefCell::new(body)));
    let paced = PacedBody::new(body.clone(), &UploadLimits::default());
    request.set_payload(Payload::Stream { payload: Box::pin(paced) });
    let response = next.call(request).await?;
    // The server reads on for ever when a body in chunks is let go of before its end.
    let held = response.map_body(|_, answer| Holding::new(answer, body));
    Ok(held.map_into_right_body())
}

/// Whether reading a body ended because it came too slowly.
#[must_use]
pub fn is_too_slow(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::TimedOut
}
