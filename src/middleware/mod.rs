//! The application's own steps on its buses.

mod audit;

pub use audit::{Audit, UniqueIdStamp};
