//! The application from outside.

mod console;
