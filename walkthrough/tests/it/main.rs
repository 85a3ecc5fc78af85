//! The runner on small books of ordinary shell commands.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod browsers;
mod builds;
mod checks;
mod consoles;
mod diffs;
mod limits;
mod processes;
mod recording;
mod support;
