//! Processes: none panics, and each ends when it is asked to, not before.

use std::fs;
use std::future::ready;
use std::time::Duration;

use crate::wait::until;
use crate::world::World;

const NO_PANIC: &str = "no process panics";
const ENDS: &str = "a process ends when it is asked to, and not before";
/// Longer than a program may take.
const STOPPING: Duration = Duration::from_secs(45);

/// Stops all programs.
pub(crate) async fn stop(world: &World) {
    world.programs.stop();
    let ended = || ready(world.programs.have_ended().then_some(()));
    until(STOPPING, ended).await.expect("the supervisor ends what does not end by itself");
}

pub(crate) fn check(world: &World) {
    for wrong in world.programs.wrong() {
        world.ledger().broken(ENDS, wrong);
    }
    for entry in fs::read_dir(world.path("logs")).unwrap().flatten() {
        let text = String::from_utf8_lossy(&fs::read(entry.path()).unwrap()).into_owned();
        let mut lines = text.lines().skip_while(|line| !line.contains("panicked"));
        if let Some(line) = lines.next() {
            let name = entry.file_name();
            let message = lines.next().unwrap_or_default();
            let detail = format!("{}: {line} {message}", name.to_string_lossy());
            world.ledger().broken(NO_PANIC, detail);
        }
    }
}
