//! Every transport keeps the same promises, and those in a database some more: against real
//! databases.

mod contract;
mod database;
mod databases;
mod dates;
mod fixture;
mod kill;
mod lost_answers;
mod message;
mod php;
mod postgres;
#[path = "../support/proxy.rs"]
mod proxy;
mod silence;
mod sqlite;
