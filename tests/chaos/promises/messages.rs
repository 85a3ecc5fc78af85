//! Messages: none waits, and only those are given up for which there is a reason.

use super::rows::Row;
use crate::world::World;

const EMPTY: &str = "queue and outbox become empty";
const REASON: &str = "only what cannot be done stays in \"failed\"";

pub(crate) fn check(world: &World, rows: &[Row]) {
    let outbox = world.database.count("messenger_outbox");
    let waiting = world.database.count("messenger_messages WHERE queue_name <> 'failed'");
    if outbox + waiting > 0 {
        let detail = format!("{waiting} in the queues, {outbox} in the outbox");
        world.ledger().broken(EMPTY, detail);
    }
    let failed = "SELECT body || ' ' || headers AS value FROM messenger_messages \
         WHERE queue_name = 'failed' ORDER BY id";
    for message in world.database.values(failed) {
        if !has_reason(&message, rows) {
            let message: String = message.chars().take(700).collect();
            world.ledger().broken(REASON, message);
        }
    }
}

/// A file that is gone is deleted in vain, which does no harm; a photo without Ponka is looked at elsewhere.
fn has_reason(message: &str, rows: &[Row]) -> bool {
    if message.contains("DeletePhotoFile") {
        return !rows.iter().any(|row| message.contains(&row.file.to_string()));
    }
    rows.iter().any(|row| row.status != "done" && message.contains(&row.id))
}
