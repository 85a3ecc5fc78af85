//! Which photo storage is the one of this gallery.

use diesel::prelude::*;
use diesel::sql_types::Text;
use messenger_doctrine::DbConnection;
use uuid::Uuid;

use crate::entity::StoredUuid;
use crate::schema::photo_storage::dsl::{is_set_up, marker, photo_storage};

/// The name of the only row.
const ONLY: &str = "photos";

/// The id in the marker of the gallery's storage, and whether that is set up.
pub fn find(connection: &mut DbConnection) -> QueryResult<Option<(Uuid, bool)>> {
    let query = photo_storage.find(ONLY).select((marker, is_set_up));
    let known: Option<(StoredUuid, bool)> = query.first(connection).optional()?;
    Ok(known.map(|(id, is_done)| (id.into(), is_done)))
}

/// Proposes an id for a storage that is about to be set up; gives the one that counts: that of
/// whoever came first.
pub fn propose(connection: &mut DbConnection, id: Uuid) -> QueryResult<Uuid> {
    diesel::sql_query(
        "INSERT INTO photo_storage (name, marker, is_set_up) VALUES ($1, $2, FALSE) \
         ON CONFLICT (name) DO NOTHING",
    )
    .bind::<Text, _>(ONLY)
    .bind::<Text, _>(id.to_string())
    .execute(connection)?;
    photo_storage.find(ONLY).select(marker).first(connection).map(StoredUuid::into)
}

/// Notes that the storage has its marker.
pub fn confirm(connection: &mut DbConnection) -> QueryResult<()> {
    diesel::update(photo_storage.find(ONLY)).set(is_set_up.eq(true)).execute(connection).map(drop)
}
