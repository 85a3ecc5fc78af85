//! The worker: what it receives, what becomes of what fails, and when it stops.
//!
//! Names begin with the row of the specification, `W1` and `FI-1` being those of Symfony's tests.

mod copies;
mod delayed;
mod discards;
mod failures;
mod faults;
mod integration;
mod leases;
mod limits;
mod log_lines;
mod outages;
mod rate_limits;
mod retries;
mod rounds;
mod slots;
mod stops;
mod support;
mod undecodable;
