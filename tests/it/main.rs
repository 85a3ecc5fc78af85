//! The application through its front door: real HTTP, real databases, real storage.

#![expect(clippy::unwrap_used, reason = "what is missing in a test fails the test")]

mod accounts;
mod after_the_commit;
mod architecture;
mod book;
mod claims;
mod console;
mod events;
mod fuzz;
mod images;
mod lost_answers;
mod mail;
mod mailbox;
mod migrations;
mod pages;
mod profiler;
mod start;
mod support;
mod unavailable;
mod wire;
mod worker;
