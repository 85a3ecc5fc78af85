//! Queries on `photo_feed` and `photo_event`: what changed, in the order in which it was committed.
//!
//! The changes of an owner are numbered. Of each photo only the last one is kept, which is enough:
//! who missed several wants to know how the photo is now. [`super::photos`] writes them.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use messenger_doctrine::DbConnection;
use uuid::Uuid;

use crate::entity::StoredUuid;
use crate::schema::{photo_event, photo_feed};

/// The channel on which PostgreSQL tells of changes.
pub const CHANNEL: &str = "photo_feed";

/// So many changes of an owner are kept at least.
const KEPT: i64 = 1000;
/// Older ones are forgotten after every so many changes, rather than after each.
const FORGET_EVERY: i64 = 100;

/// A photo that has changed.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct PhotoEvent {
    /// The number of the change.
    pub number: i64,
    /// The photo. It may be gone.
    #[diesel(deserialize_as = StoredUuid)]
    pub image_post_id: Uuid,
}

/// How far an owner's changes have been counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Queryable)]
pub struct PhotoFeed {
    /// The number of the last change; 0 before the first one.
    pub last: i64,
    /// Up to this number changes are no longer known.
    pub forgotten: i64,
}

impl PhotoFeed {
    /// Whether everything that came after this number is known.
    #[must_use]
    pub const fn reaches_back_to(self, number: i64) -> bool {
        self.forgotten <= number && number <= self.last
    }
}

/// Notes that photos of an owner have changed, and tells whoever waits for that once it is
/// committed. The owner's other changes wait until then. Must run in a transaction, after what it
/// did to the photos: who locks owners before photos, and who photos before owners, would wait for
/// each other.
pub(super) fn note(connection: &mut DbConnection, owner: Uuid, photos: &[Uuid]) -> QueryResult<()> {
    if photos.is_empty() {
        return Ok(());
    }
    let count = i64::try_from(photos.len()).unwrap_or(i64::MAX);
    let last = take_numbers(connection, owner, count)?;
    for (number, photo) in (last - count + 1..).zip(photos) {
        diesel::sql_query(
            "INSERT INTO photo_event (owner_id, image_post_id, number) VALUES ($1, $2, $3) \
             ON CONFLICT (owner_id, image_post_id) DO UPDATE SET number = excluded.number",
        )
        .bind::<Text, _>(owner.to_string())
        .bind::<Text, _>(photo.to_string())
        .bind::<BigInt, _>(number)
        .execute(connection)?;
    }
    if last / FORGET_EVERY > (last - count) / FORGET_EVERY {
        forget(connection, owner, last - KEPT)?;
    }
    if let DbConnection::Pg(connection) = connection {
        diesel::sql_query("SELECT pg_notify($1, '')")
            .bind::<Text, _>(CHANNEL)
            .execute(connection)?;
    }
    Ok(())
}

/// Notes that photos went from one owner to another.
pub(super) fn note_moved(
    connection: &mut DbConnection,
    from: Uuid,
    to: Uuid,
    photos: &[Uuid],
) -> QueryResult<()> {
    // Two of these at once must lock the owners in one order.
    note(connection, from.min(to), photos)?;
    note(connection, from.max(to), photos)
}

/// Until the transaction ends, nobody else changes a photo of this owner.
pub fn lock(connection: &mut DbConnection, owner: Uuid) -> QueryResult<()> {
    take_numbers(connection, owner, 0).map(drop)
}

/// How far the changes of an owner have been counted.
pub fn feed(connection: &mut DbConnection, owner: Uuid) -> QueryResult<PhotoFeed> {
    let query = photo_feed::table.find(owner.to_string());
    let query = query.select((photo_feed::last, photo_feed::forgotten));
    query.first(connection).optional().map(Option::unwrap_or_default)
}

/// The number of the last change of each of these owners; who has had none is left out.
pub fn last_of(connection: &mut DbConnection, owners: &[Uuid]) -> QueryResult<Vec<(Uuid, i64)>> {
    let owners = owners.iter().map(Uuid::to_string);
    let query = photo_feed::table.filter(photo_feed::owner_id.eq_any(owners));
    let query = query.select((photo_feed::owner_id, photo_feed::last));
    let reached: Vec<(StoredUuid, i64)> = query.load(connection)?;
    Ok(reached.into_iter().map(|(owner, last)| (owner.into(), last)).collect())
}

/// What changed for an owner after this number, in order; at most so many.
pub fn after(
    connection: &mut DbConnection,
    owner: Uuid,
    number: i64,
    limit: i64,
) -> QueryResult<Vec<PhotoEvent>> {
    photo_event::table
        .filter(photo_event::owner_id.eq(owner.to_string()))
        .filter(photo_event::number.gt(number))
        .order(photo_event::number.asc())
        .limit(limit)
        .select((photo_event::number, photo_event::image_post_id))
        .load(connection)
}

/// Takes the next numbers of an owner, and gives the last one. Until the transaction ends nobody
/// else gets any.
fn take_numbers(connection: &mut DbConnection, owner: Uuid, count: i64) -> QueryResult<i64> {
    #[derive(QueryableByName)]
    struct Taken {
        #[diesel(sql_type = BigInt)]
        last: i64,
    }
    let taken: Taken = diesel::sql_query(
        "INSERT INTO photo_feed (owner_id, last, forgotten) VALUES ($1, $2, 0) \
         ON CONFLICT (owner_id) DO UPDATE SET last = photo_feed.last + excluded.last \
         RETURNING last",
    )
    .bind::<Text, _>(owner.to_string())
    .bind::<BigInt, _>(count)
    .get_result(connection)?;
    Ok(taken.last)
}

fn forget(connection: &mut DbConnection, owner: Uuid, up_to: i64) -> QueryResult<()> {
    let old = photo_event::table
        .filter(photo_event::owner_id.eq(owner.to_string()))
        .filter(photo_event::number.le(up_to));
    if diesel::delete(old).execute(connection)? > 0 {
        diesel::update(photo_feed::table.find(owner.to_string()))
            .set(photo_feed::forgotten.eq(up_to))
            .execute(connection)?;
    }
    Ok(())
}
