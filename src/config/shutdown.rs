//! `SHUTDOWN_TIMEOUT`: how long a program that was asked to stop may go on.

use std::time::Duration;

use messenger_console::ShutdownTimeout;

use super::vars::Vars;

const NAME: &str = "SHUTDOWN_TIMEOUT";

pub(super) fn read(vars: &mut Vars<'_>) -> ShutdownTimeout {
    let allowed = "whole seconds, 1 to 86400";
    let read = vars.parse(NAME, allowed, |text| {
        text.parse().ok().filter(|seconds| (1..=86_400).contains(seconds))
    });
    let read = read.map(|seconds| ShutdownTimeout::new(Duration::from_secs(seconds)));
    read.unwrap_or_default().set_by(NAME)
}
