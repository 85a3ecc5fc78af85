//! Every transport keeps the same promises, and those in a database some more: against real
//! databases.

mod contract;
mod database;
mod databases;
mod fixture;
mod kill;
mod message;
mod php;
mod postgres;
mod sqlite;
