//! `/events`: what happens to the photos of whoever listens, while it happens.

use std::convert::Infallible;
use std::time::Duration;

use actix_web::http::{Method, header};
use actix_web::{HttpRequest, HttpResponse, web};
use bytes::Bytes;
use chrono::NaiveDateTime;
use futures_util::stream;
use messenger_doctrine::{DatabaseError, DbConnection};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::view::{DeletedView, PhotoJson};
use super::viewer::Viewer;
use super::{App, AppError, viewer};
use crate::entity::Photo;
use crate::http::sse;
use crate::live_feed::{End, Subscription, Wake};
use crate::repository::photo_events::{self, PhotoEvent};
use crate::repository::{photos, sessions};

/// How soon a page comes back that has lost its stream.
const RETRY: Duration = Duration::from_secs(2);
/// How soon one comes back whose place somebody else has taken.
const LATER: Duration = Duration::from_secs(60);
/// How soon to try again when there are too many streams, in seconds.
const NO_PLACE_SECONDS: u64 = 5;
/// How many changes are told at a time.
const AT_ONCE: i64 = 100;

/// The query, for those who cannot send a header.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Position {
    last_event_id: Option<String>,
}

/// `GET /events`
pub(super) async fn show(
    app: web::Data<App>,
    viewer: Viewer,
    request: HttpRequest,
    position: web::Query<Position>,
) -> Result<HttpResponse, AppError> {
    let mut answer = HttpResponse::Ok();
    answer
        .insert_header((header::CONTENT_TYPE, sse::CONTENT_TYPE))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header(("X-Accel-Buffering", "no"))
        // Compressed, events would wait for each other.
        .insert_header((header::CONTENT_ENCODING, "identity"));
    if request.method() == Method::HEAD {
        return Ok(answer.finish());
    }
    let session = viewer.account.as_ref().and_then(|_| app.session_cookies.read(&request));
    let session = session.map(|token| token.hash());
    let Ok(subscription) =
        app.live.subscribe(&viewer::client(&app, &request).name(), viewer.owner, session.clone())
    else {
        let mut busy = HttpResponse::ServiceUnavailable();
        return Ok(busy.insert_header((header::RETRY_AFTER, NO_PLACE_SECONDS)).finish());
    };
    let feed = app.database.run(move |connection| photo_events::feed(connection, viewer.owner));
    let feed = feed.await?;
    let header = request.headers().get("Last-Event-ID").and_then(|id| id.to_str().ok());
    let seen = header.map(str::to_owned).or(position.into_inner().last_event_id);
    // What cannot be read is not known either.
    let told = seen.filter(|id| !id.is_empty()).map_or(feed.last, |id| id.parse().unwrap_or(-1));
    let stream = Stream {
        greeting: Some(sse::greeting(RETRY, told.clamp(0, feed.last))),
        owner: viewer.owner,
        session,
        subscription,
        told,
        known: if feed.reaches_back_to(told) { feed.last } else { i64::MAX },
        is_over: false,
        app,
    };
    // The server waits for idle connections when it stops.
    answer.force_close();
    Ok(answer.streaming(stream::unfold(stream, Stream::next)))
}

/// The number of the last change of an owner's photos.
pub(super) async fn last(app: &App, owner: Uuid) -> Result<i64, AppError> {
    let feed = app.database.run(move |connection| photo_events::feed(connection, owner));
    Ok(feed.await?.last)
}

/// What one open page is sent, until its session ends or it has to make place.
struct Stream {
    app: web::Data<App>,
    owner: Uuid,
    session: Option<String>,
    subscription: Subscription,
    greeting: Option<Bytes>,
    /// Up to this number everything was told.
    told: i64,
    /// Up to this number there is something to tell, as far as is known.
    known: i64,
    is_over: bool,
}

/// What there is to tell.
enum News {
    Changes(Vec<PhotoEvent>, Vec<Photo>),
    /// What came after the last event is not known any more; the last number now.
    Lost(i64),
    SignedOut,
}

/// The data of an event that has none.
#[derive(Serialize)]
struct Nothing {}

impl Stream {
    async fn next(mut self) -> Option<(Result<Bytes, Infallible>, Self)> {
        if self.is_over {
            return None;
        }
        let words = match self.greeting.take() {
            Some(greeting) => greeting,
            None => self.wait().await,
        };
        Some((Ok(words), self))
    }

    /// The next words of the stream.
    async fn wait(&mut self) -> Bytes {
        loop {
            let wake = match self.known > self.told {
                true => Wake::Changed(self.known),
                false => self.subscription.next(self.told).await,
            };
            match wake {
                Wake::Heartbeat => return sse::heartbeat("Ponka is here"),
                Wake::End(end) => return self.end(end),
                Wake::Changed(number) => self.known = number,
            }
            match self.look().await {
                Ok(Some(words)) => return words,
                Ok(None) => {}
                Err(error) => {
                    // The page comes back and goes on where it was.
                    tracing::warn!("A stream of events has to end: {error}");
                    self.is_over = true;
                    return sse::comment("come back in a moment");
                }
            }
        }
    }

    /// Looks what has changed; `None` if there is nothing to tell.
    async fn look(&mut self) -> Result<Option<Bytes>, DatabaseError> {
        let (owner, told, session) = (self.owner, self.told, self.session.clone());
        let now = self.app.clock.now().naive_utc();
        let news = self.app.database.run(move |connection| {
            if session.is_some_and(|session| !is_alive(connection, &session, now)) {
                return Ok(News::SignedOut);
            }
            news(connection, owner, told)
        });
        match news.await? {
            News::SignedOut => Ok(Some(self.end(End::SignedOut))),
            News::Lost(last) => {
                (self.told, self.known) = (last, last);
                Ok(sse::event(last, "reset", &Nothing {}).ok().map(Bytes::from))
            }
            News::Changes(events, photos) => {
                let is_all = i64::try_from(events.len()).is_ok_and(|count| count < AT_ONCE);
                let last = events.last().map_or(self.told, |event| event.number);
                self.told = if is_all { last.max(self.known) } else { last };
                let words: String = events.iter().filter_map(|one| words(one, &photos)).collect();
                Ok((!words.is_empty()).then(|| words.into()))
            }
        }
    }

    fn end(&mut self, end: End) -> Bytes {
        self.is_over = true;
        match end {
            End::Shutdown => sse::comment("the gallery closes for a moment"),
            End::SignedOut => sse::signal("signed-out", "{}"),
            End::TooMany => sse::farewell(LATER, "other pages have taken this place"),
        }
    }
}

fn is_alive(connection: &mut DbConnection, session: &str, now: NaiveDateTime) -> bool {
    // Who cannot be recognised is told nothing.
    let found = sessions::find(connection, session).ok().flatten();
    found.is_some_and(|(session, _)| session.is_alive(now))
}

fn news(connection: &mut DbConnection, owner: Uuid, told: i64) -> diesel::QueryResult<News> {
    let events = photo_events::after(connection, owner, told, AT_ONCE)?;
    // Asked afterwards: what is forgotten between the two was not read.
    let feed = photo_events::feed(connection, owner)?;
    if !feed.reaches_back_to(told) {
        return Ok(News::Lost(feed.last));
    }
    let ids: Vec<Uuid> = events.iter().map(|event| event.image_post_id).collect();
    Ok(News::Changes(events, photos::find_all_owned(connection, &ids, owner)?))
}

/// The event as text; a photo that is not the owner's any more is gone.
fn words(event: &PhotoEvent, photos: &[Photo]) -> Option<String> {
    let photo = photos.iter().find(|photo| photo.id == event.image_post_id);
    let event = match photo {
        Some(photo) => sse::event(event.number, "image", &PhotoJson::from(photo)),
        None => {
            let deleted = DeletedView::of(event.image_post_id);
            sse::event(event.number, "image", &deleted)
        }
    };
    event.inspect_err(|error| tracing::error!("Could not write an event: {error}")).ok()
}
