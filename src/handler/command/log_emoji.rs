//! Logs an emoji.

use messenger::{Handler, HandlerError};
use messenger_doctrine::UnitOfWork;
use tracing::info;

use crate::handler::Cx;
use crate::message::command::LogEmoji;

const EMOJIS: [&str; 5] = ["🍪", "🦖", "🧀", "🤖", "💩"];

/// Logs an emoji; what is out of range means a cookie.
pub struct LogEmojiHandler;

impl Handler<LogEmoji, UnitOfWork> for LogEmojiHandler {
    type Output = ();

    async fn handle(&self, message: &LogEmoji, _: &mut Cx) -> Result<(), HandlerError> {
        let index = usize::try_from(message.emoji_index).unwrap_or(0);
        let emoji = EMOJIS.get(index).unwrap_or(&EMOJIS[0]);
        info!("Important message! {emoji}");
        Ok(())
    }

    fn name(&self) -> &'static str {
        "LogEmojiHandler"
    }
}
