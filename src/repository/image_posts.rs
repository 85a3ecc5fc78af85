//! Queries on `image_post`.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::Integer;
use uuid::Uuid;

use super::DbConnection;
use crate::entity::{ImagePost, PhotoStatus};
use crate::schema::image_post::dsl::{
    created_at, failure, filename, id, idempotency_key, image_post, media, owner_id,
    ponka_added_at, status, thumbnail,
};

/// Stores a new photo.
///
/// # Errors
/// A unique violation if the owner has used its idempotency key before.
pub fn insert(connection: &mut DbConnection, post: &ImagePost) -> QueryResult<()> {
    diesel::insert_into(image_post).values(post).execute(connection).map(drop)
}

/// The photo with this id.
///
/// # Errors
/// Whatever the database gives.
pub fn find(connection: &mut DbConnection, wanted: Uuid) -> QueryResult<Option<ImagePost>> {
    let query = image_post.find(wanted.to_string()).select(ImagePost::as_select());
    query.first(connection).optional()
}

/// The photo with this id, if it belongs to this owner.
///
/// # Errors
/// Whatever the database gives.
pub fn find_owned(
    connection: &mut DbConnection,
    wanted: Uuid,
    owner: Uuid,
) -> QueryResult<Option<ImagePost>> {
    let query = image_post
        .find(wanted.to_string())
        .filter(owner_id.eq(owner.to_string()))
        .select(ImagePost::as_select());
    query.first(connection).optional()
}

/// Whether this owner has a photo with this file.
///
/// # Errors
/// Whatever the database gives.
pub fn owns_file(connection: &mut DbConnection, file: Uuid, owner: Uuid) -> QueryResult<bool> {
    let query = image_post
        .filter(filename.eq(file.to_string()))
        .filter(owner_id.eq(owner.to_string()))
        .select(diesel::dsl::sql::<Integer>("1"));
    query.first::<i32>(connection).optional().map(|row| row.is_some())
}

/// One page of an owner's photos, newest first; `before` is the id of the last one of the page
/// before.
///
/// # Errors
/// Whatever the database gives.
pub fn page(
    connection: &mut DbConnection,
    owner: Uuid,
    before: Option<Uuid>,
    limit: i64,
) -> QueryResult<Vec<ImagePost>> {
    let mut query = image_post
        .filter(owner_id.eq(owner.to_string()))
        .order(id.desc())
        .limit(limit)
        .select(ImagePost::as_select())
        .into_boxed();
    if let Some(before) = before {
        query = query.filter(id.lt(before.to_string()));
    }
    query.load(connection)
}

/// The photos that an owner uploaded with these idempotency keys, in their order.
///
/// # Errors
/// Whatever the database gives.
pub fn find_by_idempotency_keys(
    connection: &mut DbConnection,
    owner: Uuid,
    keys: &[String],
) -> QueryResult<Vec<ImagePost>> {
    image_post
        .filter(owner_id.eq(owner.to_string()))
        .filter(idempotency_key.eq_any(keys))
        .order(idempotency_key.asc())
        .select(ImagePost::as_select())
        .load(connection)
}

/// How many photos there are.
///
/// # Errors
/// Whatever the database gives.
pub fn count(connection: &mut DbConnection) -> QueryResult<u64> {
    let count: i64 = image_post.count().get_result(connection)?;
    Ok(count.unsigned_abs())
}

/// How many photos this owner has.
///
/// # Errors
/// Whatever the database gives.
pub fn count_of(connection: &mut DbConnection, owner: Uuid) -> QueryResult<u64> {
    let owned = image_post.filter(owner_id.eq(owner.to_string()));
    let count: i64 = owned.count().get_result(connection)?;
    Ok(count.unsigned_abs())
}

/// Gives all photos of one owner to another.
///
/// # Errors
/// Whatever the database gives.
pub fn change_owner(connection: &mut DbConnection, from: Uuid, to: Uuid) -> QueryResult<()> {
    let owned = image_post.filter(owner_id.eq(from.to_string()));
    // The keys of the two owners could be the same, and who has moved sends nothing again.
    diesel::update(owned)
        .set((owner_id.eq(to.to_string()), idempotency_key.eq(None::<String>)))
        .execute(connection)
        .map(drop)
}

/// Deletes all photos of an owner and gives their files.
///
/// # Errors
/// Whatever the database gives.
pub fn delete_all_of(connection: &mut DbConnection, owner: Uuid) -> QueryResult<Vec<String>> {
    let owned = image_post.filter(owner_id.eq(owner.to_string()));
    diesel::delete(owned).returning(filename).get_results(connection)
}

/// Every file that a photo has.
///
/// # Errors
/// Whatever the database gives.
pub fn filenames(connection: &mut DbConnection) -> QueryResult<Vec<String>> {
    image_post.select(filename).distinct().load(connection)
}

/// Deletes a photo and gives what was deleted.
///
/// # Errors
/// Whatever the database gives.
pub fn delete(connection: &mut DbConnection, wanted: Uuid) -> QueryResult<Option<ImagePost>> {
    let query = diesel::delete(image_post.find(wanted.to_string()));
    query.returning(image_post::all_columns()).get_result(connection).optional()
}

/// Notes where a photo is on its way. A photo that Ponka has visited stays visited.
///
/// # Errors
/// Whatever the database gives.
pub fn set_status(
    connection: &mut DbConnection,
    wanted: Uuid,
    new: PhotoStatus,
    reason: Option<&str>,
) -> QueryResult<()> {
    let undone = image_post.find(wanted.to_string()).filter(status.ne(PhotoStatus::Done));
    diesel::update(undone).set((status.eq(new), failure.eq(reason))).execute(connection).map(drop)
}

/// Notes that Ponka has visited, and what is shown from now on. Says `false` if the photo is gone.
///
/// # Errors
/// Whatever the database gives.
pub fn mark_ponka_added(
    connection: &mut DbConnection,
    wanted: Uuid,
    shown: &str,
    tile: &str,
    at: DateTime<Utc>,
) -> QueryResult<bool> {
    let updated = diesel::update(image_post.find(wanted.to_string()))
        .set((
            status.eq(PhotoStatus::Done),
            failure.eq(None::<String>),
            media.eq(shown),
            thumbnail.eq(tile),
            ponka_added_at.eq(at.naive_utc()),
        ))
        .execute(connection)?;
    Ok(updated > 0)
}

/// The newest photo of all.
///
/// # Errors
/// Whatever the database gives.
pub fn newest(connection: &mut DbConnection) -> QueryResult<Option<ImagePost>> {
    let query = image_post.order((created_at.desc(), id.desc())).select(ImagePost::as_select());
    query.first(connection).optional()
}
