//! Whether an owner may upload more: not too many photos in all, not too many files in a minute.

use chrono::TimeDelta;
use uuid::Uuid;

use super::NotTaken;
use crate::controller::App;
use crate::http::catalogue::UploadRefusal;
use crate::repository::attempts::{self, AttemptLimit, bucket, seconds_until};
use crate::repository::image_posts;

/// Counts these files, and refuses them if the owner has sent too many already or if they would be
/// too many. A request that begins within the limit of a minute is taken whole.
pub(super) async fn check(app: &App, owner: Uuid, files: usize) -> Result<(), NotTaken> {
    if let Some(max) = app.allowance.photos {
        let used = app.database.run(move |connection| image_posts::count_of(connection, owner));
        let used = used.await?;
        if used + files as u64 > max {
            return Err(UploadRefusal::Quota { used, max }.into());
        }
    }
    let Some(per_minute) = app.allowance.uploads_per_minute else { return Ok(()) };
    let limit =
        AttemptLimit::per(TimeDelta::minutes(1), i32::try_from(per_minute).unwrap_or(i32::MAX));
    let (name, now) = (bucket("upload", &owner.to_string()), app.clock.now().naive_utc());
    let counted = app.database.transaction(move |connection| {
        let first = attempts::take(connection, &name, limit, now)?;
        let mut latest = first;
        for _ in 1..files {
            if latest.is_ok() {
                latest = attempts::take(connection, &name, limit, now)?;
            }
        }
        Ok(first)
    });
    counted
        .await?
        .map_err(|until| UploadRefusal::SlowDown { seconds: seconds_until(until, now) }.into())
}
