//! One stream, as the one who writes it sees it.

use tokio::sync::watch;
use uuid::Uuid;

use super::LiveFeed;

/// What a stream is told. What comes in between is not kept: the last news say it all.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct News {
    /// The number of the owner's last change, as far as it was asked for.
    pub(super) last: i64,
    /// How many signs of life there were.
    pub(super) beats: u64,
    /// Why the stream is over.
    pub(super) end: Option<End>,
}

/// Why a stream is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The process is about to end.
    Shutdown,
    /// The session has ended.
    SignedOut,
    /// The owner, or the client, has too many others.
    TooMany,
}

/// What a stream has to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wake {
    /// Something has changed, up to this number.
    Changed(i64),
    /// It is time for a sign of life.
    Heartbeat,
    /// The stream is over, for this reason.
    End(End),
}

/// One stream. Dropped, it gives its place back.
pub struct Subscription {
    news: watch::Receiver<News>,
    owner: Uuid,
    number: u64,
    feed: LiveFeed,
    beats: u64,
}

impl Subscription {
    pub(super) const fn new(
        news: watch::Receiver<News>,
        owner: Uuid,
        number: u64,
        feed: LiveFeed,
    ) -> Self {
        Self { news, owner, number, feed, beats: 0 }
    }

    /// Waits until there is something to do for a stream that has told everything up to this
    /// number.
    pub async fn next(&mut self, told: i64) -> Wake {
        loop {
            let news = *self.news.borrow_and_update();
            if let Some(end) = news.end {
                return Wake::End(end);
            }
            if news.last > told {
                return Wake::Changed(news.last);
            }
            if news.beats != self.beats {
                self.beats = news.beats;
                return Wake::Heartbeat;
            }
            if self.news.changed().await.is_err() {
                return Wake::End(End::Shutdown);
            }
        }
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.feed.0.streams().leave(self.owner, self.number);
    }
}
