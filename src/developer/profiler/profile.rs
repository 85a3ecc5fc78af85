//! What is known of one request.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::entry::{ProfiledLog, ProfiledMessage, ProfiledStatement};
use super::summary::Summary;

/// What a client asked for, its secrets already taken out.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Request {
    /// The HTTP method, in capitals.
    pub method: String,
    /// The path with its query.
    pub path: String,
    /// The headers in their order.
    pub headers: Vec<(String, String)>,
    /// Whether a file or a stream is asked for rather than a page.
    pub is_file: bool,
    /// The request that led here by a redirect.
    pub redirected_from: Option<Summary>,
}

/// What the gallery answered.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Answer {
    /// The HTTP status; 0 while there is none.
    pub status: u16,
    /// The headers in their order.
    pub headers: Vec<(String, String)>,
    /// Who was signed in.
    pub user: Option<String>,
}

/// One request, its answer, and what happened in between.
#[derive(Debug, Clone, Serialize)]
pub struct Profile {
    /// Names the profile: ten hexadecimal digits.
    pub token: String,
    /// When the request came.
    pub at: DateTime<Utc>,
    /// What was asked.
    pub request: Request,
    /// What was answered.
    pub answer: Answer,
    /// Milliseconds until the answer's head was ready.
    pub duration: f64,
    /// The names of the fields of the form that was sent.
    pub form_fields: Vec<String>,
    /// What was dispatched, in the order in which it began.
    pub messages: Vec<ProfiledMessage>,
    /// The SQL that ran, in order.
    pub statements: Vec<ProfiledStatement>,
    /// What was logged, in order.
    pub logs: Vec<ProfiledLog>,
    /// How many entries found no room.
    pub left_out: usize,
}

impl Profile {
    pub(super) fn new(token: String, at: DateTime<Utc>, request: Request) -> Self {
        Self {
            token,
            at,
            request,
            answer: Answer::default(),
            duration: 0.0,
            form_fields: Vec::new(),
            messages: Vec::new(),
            statements: Vec::new(),
            logs: Vec::new(),
            left_out: 0,
        }
    }
}
