//! The worker: what it receives, what becomes of what fails, and when it stops.
//!
//! Names that begin with a letter and a number (`w11`, `fi_1`, `r6`, `s3_1`) keep what belongs together in
//! order.

mod copies;
mod delayed;
mod discards;
mod failed_again;
mod failures;
mod faults;
mod integration;
mod leases;
mod limits;
mod log_lines;
mod order;
mod outages;
mod rate_limits;
mod retries;
mod rounds;
mod slots;
mod stops;
mod support;
mod undecodable;
