//! Changes photos, and notes each change.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Text};
use messenger_doctrine::DbConnection;
use uuid::Uuid;

use super::super::photo_events;
use crate::entity::{Photo, PhotoStatus, Renditions, StoredUuid};
use crate::schema::image_post::dsl::{
    alt, failure, filename, image_post, owner_id, ponka_added_at, status,
};

/// A request that is sent again finds its photos under their new owner too, unless that one has used
/// the same key.
const MOVE: &str = "UPDATE image_post SET owner_id = $1, idempotency_key = CASE WHEN EXISTS \
     (SELECT 1 FROM image_post AS other WHERE other.owner_id = $1 \
     AND other.idempotency_key = image_post.idempotency_key) \
     THEN NULL ELSE idempotency_key END WHERE owner_id = $2";

/// Stores a new photo.
///
/// # Errors
/// A unique violation if the owner has used its idempotency key before.
pub fn insert(connection: &mut DbConnection, photo: &Photo) -> QueryResult<()> {
    diesel::insert_into(image_post).values(photo.clone()).execute(connection)?;
    photo_events::note(connection, photo.owner_id, &[photo.id])
}

/// Gives all photos of one owner to another.
pub fn change_owner(connection: &mut DbConnection, from: Uuid, to: Uuid) -> QueryResult<()> {
    if from == to {
        return Ok(());
    }
    let moved = lock_all_of(connection, from)?;
    // Only those that are locked: one that has come to this owner since may be held by somebody who
    // waits for us.
    match connection {
        DbConnection::Pg(connection) => diesel::sql_query(format!("{MOVE} AND id = ANY($3)"))
            .bind::<Text, _>(to.to_string())
            .bind::<Text, _>(from.to_string())
            .bind::<Array<Text>, _>(moved.iter().map(Uuid::to_string).collect::<Vec<_>>())
            .execute(connection)?,
        // One writes at a time.
        DbConnection::Sqlite(connection) => diesel::sql_query(MOVE)
            .bind::<Text, _>(to.to_string())
            .bind::<Text, _>(from.to_string())
            .execute(connection)?,
    };
    photo_events::note_moved(connection, from, to, &moved)
}

/// Deletes all photos of an owner and gives their files.
pub fn delete_all_of(connection: &mut DbConnection, owner: Uuid) -> QueryResult<Vec<Uuid>> {
    let photos = lock_all_of(connection, owner)?;
    let deleted = diesel::delete(image_post.filter(owner_id.eq(owner.to_string())));
    let files: Vec<StoredUuid> = deleted.returning(filename).get_results(connection)?;
    photo_events::note(connection, owner, &photos)?;
    Ok(files.into_iter().map(Uuid::from).collect())
}

/// Deletes a photo and gives what was deleted.
pub fn delete(connection: &mut DbConnection, wanted: Uuid) -> QueryResult<Option<Photo>> {
    let query = diesel::delete(image_post.find(wanted.to_string()));
    let deleted: Option<Photo> =
        query.returning(image_post::all_columns()).get_result(connection).optional()?;
    if let Some(photo) = &deleted {
        photo_events::note(connection, photo.owner_id, &[photo.id])?;
    }
    Ok(deleted)
}

/// Notes where a photo is on its way. A photo that Ponka has visited stays visited.
pub fn set_status(
    connection: &mut DbConnection,
    wanted: Uuid,
    new: PhotoStatus,
    reason: Option<&str>,
) -> QueryResult<()> {
    let owner: Option<StoredUuid> =
        diesel::update(image_post.find(wanted.to_string()).filter(status.ne(PhotoStatus::Done)))
            .set((status.eq(new), failure.eq(reason)))
            .returning(owner_id)
            .get_result(connection)
            .optional()?;
    note_if_changed(connection, owner, wanted).map(drop)
}

/// Puts a photo that has failed back among those that wait. Says `false` if it has not failed.
pub fn queue_again(connection: &mut DbConnection, wanted: Uuid, owner: Uuid) -> QueryResult<bool> {
    let failed = image_post
        .find(wanted.to_string())
        .filter(owner_id.eq(owner.to_string()))
        .filter(status.eq(PhotoStatus::Failed));
    let owner: Option<StoredUuid> = diesel::update(failed)
        .set((status.eq(PhotoStatus::Queued), failure.eq(None::<String>)))
        .returning(owner_id)
        .get_result(connection)
        .optional()?;
    note_if_changed(connection, owner, wanted)
}

/// Notes that Ponka has visited, and what is shown from now on. Says `false` if the photo is gone.
pub fn mark_ponka_added(
    connection: &mut DbConnection,
    wanted: Uuid,
    shown: &Renditions,
    at: DateTime<Utc>,
) -> QueryResult<bool> {
    let visited = (
        status.eq(PhotoStatus::Done),
        failure.eq(None::<String>),
        ponka_added_at.eq(at.naive_utc()),
        shown,
    );
    let owner: Option<StoredUuid> = diesel::update(image_post.find(wanted.to_string()))
        .set(visited)
        .returning(owner_id)
        .get_result(connection)
        .optional()?;
    note_if_changed(connection, owner, wanted)
}

/// Notes what is to be seen on a photo; `None` for what the gallery says by itself. Says `false` if
/// it is not this owner's.
pub fn set_alt(
    connection: &mut DbConnection,
    wanted: Uuid,
    owner: Uuid,
    text: Option<&str>,
) -> QueryResult<bool> {
    let owned = image_post.find(wanted.to_string()).filter(owner_id.eq(owner.to_string()));
    let owner: Option<StoredUuid> = diesel::update(owned)
        .set(alt.eq(text))
        .returning(owner_id)
        .get_result(connection)
        .optional()?;
    note_if_changed(connection, owner, wanted)
}

/// `owner` is whose photo was changed, if one was.
fn note_if_changed(
    connection: &mut DbConnection,
    owner: Option<StoredUuid>,
    photo: Uuid,
) -> QueryResult<bool> {
    let Some(owner) = owner else { return Ok(false) };
    photo_events::note(connection, owner.into(), &[photo])?;
    Ok(true)
}

/// The photos of an owner, which nobody else changes until the transaction ends. In the order of
/// their ids: two who lock many in other orders could wait for each other.
fn lock_all_of(connection: &mut DbConnection, owner: Uuid) -> QueryResult<Vec<Uuid>> {
    #[derive(QueryableByName)]
    struct Locked {
        #[diesel(sql_type = Text)]
        photo: StoredUuid,
    }
    // SQLite has one writer.
    let lock = if matches!(connection, DbConnection::Pg(_)) { "FOR UPDATE" } else { "" };
    let sql = format!("SELECT id AS photo FROM image_post WHERE owner_id = $1 ORDER BY id {lock}");
    let query = diesel::sql_query(sql).bind::<Text, _>(owner.to_string());
    let locked: Vec<Locked> = query.load(connection)?;
    Ok(locked.into_iter().map(|locked| locked.photo.into()).collect())
}
