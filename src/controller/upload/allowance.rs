//! Whether an owner may upload more: not too many photos in all, not too many files in a minute.

use chrono::TimeDelta;

use super::{Duplicates, NotTaken, Uploader};
use crate::controller::guesses::CLIENTS_OF_A_SITE;
use crate::controller::{App, AppError};
use crate::http::catalogue::UploadRefusal;
use crate::repository::attempts::{self, AttemptLimit, bucket, seconds_until};
use crate::repository::photos;

/// Guests at one address may send so many times as much as one owner, in a minute and in a day: a
/// class may, but not somebody who is new each time.
const GUESTS_AT_ONCE: u64 = 10;

/// Refuses, before anything is read, what cannot be taken whatever it is. In a full gallery there
/// may still be a duplicate in it, if those are skipped.
pub(super) async fn check(
    app: &App,
    uploader: &Uploader,
    duplicates: Duplicates,
) -> Result<(), NotTaken> {
    if duplicates == Duplicates::Keep {
        check_quota(app, uploader, 1).await?;
    }
    let buckets = buckets(app, uploader);
    if buckets.is_empty() {
        return Ok(());
    }
    let now = app.clock.now().naive_utc();
    let blocked =
        app.database.run(move |connection| attempts::blocked_of(connection, &buckets, now));
    match blocked.await? {
        Some(until) => Err(UploadRefusal::SlowDown { seconds: seconds_until(until, now) }.into()),
        None => Ok(()),
    }
}

/// Counts so many new photos, and refuses them if the owner has sent too many already or if they
/// would be too many. A request that begins within the limit of a minute is taken whole.
pub(super) async fn take(app: &App, uploader: &Uploader, photos: usize) -> Result<(), NotTaken> {
    if photos == 0 {
        return Ok(());
    }
    check_quota(app, uploader, photos as u64).await?;
    let (buckets, now) = (buckets(app, uploader), app.clock.now().naive_utc());
    if buckets.is_empty() {
        return Ok(());
    }
    let photos = i32::try_from(photos).unwrap_or(i32::MAX);
    let counted = app.database.transaction(move |connection| {
        for (name, limit) in &buckets {
            if let Err(until) = attempts::take_several(connection, name, *limit, photos, now)? {
                return Ok(Err(until));
            }
        }
        Ok(Ok(()))
    });
    counted
        .await?
        .map_err(|until| UploadRefusal::SlowDown { seconds: seconds_until(until, now) }.into())
}

async fn check_quota(app: &App, uploader: &Uploader, photos: u64) -> Result<(), NotTaken> {
    let (Some(max), owner) = (app.allowance.photos, uploader.owner) else { return Ok(()) };
    let used = app.database.run(move |connection| photos::count_of(connection, owner));
    let used = used.await.map_err(AppError::from)?;
    if used + photos > max { Err(UploadRefusal::Quota { used, max }.into()) } else { Ok(()) }
}

/// Under which names the photos are counted: the owner's, and where a guest is.
fn buckets(app: &App, uploader: &Uploader) -> Vec<(String, AttemptLimit)> {
    let limit = |name: String, window, photos: u64| {
        (name, AttemptLimit::per(window, i32::try_from(photos).unwrap_or(i32::MAX)))
    };
    let per_minute = app.allowance.uploads_per_minute.map(u64::from);
    let owner = bucket("upload", &uploader.owner.to_string());
    let mut buckets: Vec<_> =
        per_minute.map(|photos| limit(owner, TimeDelta::minutes(1), photos)).into_iter().collect();
    let Some(client) = uploader.guest_at else { return buckets };
    let at_once = |photos: Option<u64>, times| photos.map(|photos| photos.saturating_mul(times));
    let of_a_site = GUESTS_AT_ONCE * CLIENTS_OF_A_SITE.unsigned_abs() as u64;
    let names = [(Some(client.name()), "", GUESTS_AT_ONCE), (client.site(), "-site", of_a_site)];
    for (name, suffix, times) in names {
        let Some(name) = name else { continue };
        for (kind, window, photos) in [
            ("guests-minute", TimeDelta::minutes(1), per_minute),
            ("guests-day", TimeDelta::days(1), app.allowance.photos),
        ] {
            let name = bucket(&format!("{kind}{suffix}"), &name);
            buckets.extend(at_once(photos, times).map(|photos| limit(name, window, photos)));
        }
    }
    buckets
}
