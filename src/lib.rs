//! Ponka: a photo gallery on a message bus. A visitor uploads photos, a worker adds a cat.
//!
//! The modules in the order of their layers: each uses only those above it in this list. A
//! controller and a handler never meet; only the kernel knows both.

pub mod process_limits;
pub mod process_setup;

pub mod config;
pub mod descriptors;
pub mod mail_address;
pub mod migrations;
pub mod schema;

pub mod entity;
pub mod message;

pub mod darkroom;
pub mod fault;
pub mod live_feed;
pub mod mailer;
pub mod password;
pub mod photo;
pub mod photo_storage;
pub mod repository;
pub mod sweep;
pub mod template_files;
pub mod watched;

pub mod codec;
pub mod handler;
pub mod middleware;
pub mod upkeep;

pub mod http;

pub mod controller;

#[cfg(feature = "developer")]
pub mod developer;
#[cfg(not(feature = "developer"))]
#[path = "without_developer.rs"]
pub mod developer;

pub mod kernel;

pub mod telemetry;

pub mod console;
pub mod embedded_worker;
pub mod server;
