//! The building blocks of the web side: they know neither the message bus nor the database.

pub mod account_pages;
pub mod allowed_hosts;
pub mod alt_text;
pub mod assets;
pub mod catalogue;
pub mod cross_site;
pub mod download;
pub mod error_page;
pub mod even_pace;
pub mod form;
pub mod mail_frame;
pub mod media;
pub mod next_path;
pub mod original_filename;
pub mod pages;
pub mod problem;
pub mod profiling;
pub mod security_headers;
pub mod session_cookie;
pub mod signature;
pub mod sse;
pub mod templates;
pub mod time_ago;
pub mod trusted_proxies;
pub mod upload;
pub mod visitor;
