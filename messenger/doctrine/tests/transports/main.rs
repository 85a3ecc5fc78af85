//! Every transport keeps the same promises, and those in a database some more: against real
//! databases.

mod contract;
mod databases;
mod dates;
mod fixture;
mod idle_connections;
mod kill;
mod leases;
mod lost_answers;
mod message;
mod php;
mod postgres;
#[path = "../support/proxy.rs"]
#[expect(dead_code, reason = "the rest is for the tests of the application")]
mod proxy;
mod several_databases;
mod silence;
mod sqlite;
