//! Looks photos up.

use diesel::prelude::*;
use diesel::sql_types::Integer;
use messenger_doctrine::DbConnection;
use uuid::Uuid;

use crate::entity::Photo;
use crate::schema::image_post::dsl::{
    content_hash, created_at, filename, id, idempotency_key, image_post, owner_id,
};
use crate::schema::photo_count;

/// The photo with this id.
pub fn find(connection: &mut DbConnection, wanted: Uuid) -> QueryResult<Option<Photo>> {
    let query = image_post.find(wanted.to_string()).select(Photo::as_select());
    query.first(connection).optional()
}

/// The photo with this id, if it belongs to this owner.
pub fn find_owned(
    connection: &mut DbConnection,
    wanted: Uuid,
    owner: Uuid,
) -> QueryResult<Option<Photo>> {
    let query = image_post
        .find(wanted.to_string())
        .filter(owner_id.eq(owner.to_string()))
        .select(Photo::as_select());
    query.first(connection).optional()
}

/// Whether this owner has a photo with this file.
pub fn owns_file(connection: &mut DbConnection, file: Uuid, owner: Uuid) -> QueryResult<bool> {
    let query = image_post
        .filter(filename.eq(file.to_string()))
        .filter(owner_id.eq(owner.to_string()))
        .select(diesel::dsl::sql::<Integer>("1"));
    query.first::<i32>(connection).optional().map(|row| row.is_some())
}

/// One page of an owner's photos, newest first; `before` is the id of the last one of the page
/// before.
pub fn page(
    connection: &mut DbConnection,
    owner: Uuid,
    before: Option<Uuid>,
    limit: i64,
) -> QueryResult<Vec<Photo>> {
    let mut query = image_post
        .filter(owner_id.eq(owner.to_string()))
        .order(id.desc())
        .limit(limit)
        .select(Photo::as_select())
        .into_boxed();
    if let Some(before) = before {
        query = query.filter(id.lt(before.to_string()));
    }
    query.load(connection)
}

/// Those of these photos that belong to this owner, in no particular order.
pub fn find_all_owned(
    connection: &mut DbConnection,
    wanted: &[Uuid],
    owner: Uuid,
) -> QueryResult<Vec<Photo>> {
    image_post
        .filter(id.eq_any(wanted.iter().map(Uuid::to_string)))
        .filter(owner_id.eq(owner.to_string()))
        .select(Photo::as_select())
        .load(connection)
}

/// The oldest photo of an owner with these bytes.
pub fn find_by_content(
    connection: &mut DbConnection,
    owner: Uuid,
    hash: &str,
) -> QueryResult<Option<Photo>> {
    let same = image_post
        .filter(owner_id.eq(owner.to_string()))
        .filter(content_hash.eq(hash))
        .order(id.asc())
        .select(Photo::as_select());
    same.first(connection).optional()
}

/// The photos that an owner uploaded with these idempotency keys, in their order.
pub fn find_by_idempotency_keys(
    connection: &mut DbConnection,
    owner: Uuid,
    keys: &[String],
) -> QueryResult<Vec<Photo>> {
    image_post
        .filter(owner_id.eq(owner.to_string()))
        .filter(idempotency_key.eq_any(keys))
        .order(idempotency_key.asc())
        .select(Photo::as_select())
        .load(connection)
}

/// How many photos there are.
pub fn count(connection: &mut DbConnection) -> QueryResult<u64> {
    // The database adds them up as they come and go: counting a million rows takes a while.
    let parts: Vec<i64> = photo_count::table.select(photo_count::total).load(connection)?;
    Ok(u64::try_from(parts.iter().sum::<i64>()).unwrap_or(0))
}

/// How many photos this owner has.
pub fn count_of(connection: &mut DbConnection, owner: Uuid) -> QueryResult<u64> {
    let owned = image_post.filter(owner_id.eq(owner.to_string()));
    let count: i64 = owned.count().get_result(connection)?;
    Ok(count.unsigned_abs())
}

/// The newest photo of all.
pub fn newest(connection: &mut DbConnection) -> QueryResult<Option<Photo>> {
    let query = image_post.order((created_at.desc(), id.desc())).select(Photo::as_select());
    query.first(connection).optional()
}
