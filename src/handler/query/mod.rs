//! Handlers of queries.

mod get_total_image_count;

pub use get_total_image_count::GetTotalImageCountHandler;
