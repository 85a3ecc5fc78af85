//! Log an emoji: a message that other systems send us.

use messenger::Message;
use serde::{Deserialize, Serialize};

/// Log an emoji, chosen by its number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LogEmoji {
    /// Which one; what is out of range means a cookie.
    pub emoji_index: i64,
}

impl Message for LogEmoji {
    const NAME: &'static str = r"App\Message\LogEmoji";
}
