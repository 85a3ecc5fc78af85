//! How many photos are there?

use messenger::Message;
use serde::{Deserialize, Serialize};

/// How many photos are there? Answered with a `u64`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GetTotalImageCount {}

impl Message for GetTotalImageCount {
    const NAME: &'static str = r"App\Message\Query\GetTotalImageCount";
}
