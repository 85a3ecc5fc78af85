//! Which files photos refer to: what the storage is compared with.

use chrono::NaiveDateTime;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use messenger_doctrine::DbConnection;
use uuid::Uuid;

use crate::entity::{PhotoStatus, StoredUuid};
use crate::schema::image_post;
use crate::schema::image_post::dsl::{
    created_at, filename, id, image_post as photos, ponka_added_at, status,
};

/// The files that one photo refers to.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = image_post)]
pub struct PhotoFiles {
    /// The photo whose files these are.
    #[diesel(deserialize_as = StoredUuid)]
    pub id: Uuid,
    /// The id of its file.
    #[diesel(deserialize_as = StoredUuid)]
    pub filename: Uuid,
    /// Where it is on its way.
    pub status: PhotoStatus,
    media: String,
    thumbnail: Option<String>,
    small: Option<String>,
    large: Option<String>,
    created_at: NaiveDateTime,
    ponka_added_at: Option<NaiveDateTime>,
}

impl PhotoFiles {
    /// The names of all renditions, each with the column that has it.
    pub fn renditions(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let copies =
            [("thumbnail", &self.thumbnail), ("small", &self.small), ("large", &self.large)];
        let copies = copies.into_iter().filter_map(|(at, name)| Some((at, name.as_deref()?)));
        std::iter::once(("media", &*self.media)).chain(copies)
    }

    /// Whether the original is needed: Ponka has not visited yet.
    #[must_use]
    pub fn needs_original(&self) -> bool {
        self.status != PhotoStatus::Done
    }

    /// Whether its files have been the same since this moment, or longer.
    #[must_use]
    pub fn is_unchanged_since(&self, moment: NaiveDateTime) -> bool {
        self.created_at < moment && self.ponka_added_at.is_none_or(|added| added < moment)
    }
}

/// The photos of these files.
pub fn files_of(connection: &mut DbConnection, files: &[Uuid]) -> QueryResult<Vec<PhotoFiles>> {
    let files = files.iter().map(Uuid::to_string);
    let query = photos.filter(filename.eq_any(files)).select(PhotoFiles::as_select());
    query.load(connection)
}

/// The next photos after this one, in the order of their ids.
pub fn files_after(
    connection: &mut DbConnection,
    after: Option<Uuid>,
    limit: i64,
) -> QueryResult<Vec<PhotoFiles>> {
    let after = after.map(|last| last.to_string()).unwrap_or_default();
    let query = photos.filter(id.gt(after)).order(id.asc()).limit(limit);
    query.select(PhotoFiles::as_select()).load(connection)
}

/// The newest photos.
pub fn newest_files(connection: &mut DbConnection, limit: i64) -> QueryResult<Vec<PhotoFiles>> {
    photos.order(id.desc()).limit(limit).select(PhotoFiles::as_select()).load(connection)
}

/// How many files photos refer to whose files have been the same since this moment.
pub fn count_files(connection: &mut DbConnection, since: NaiveDateTime) -> QueryResult<i64> {
    let unchanged = || {
        let is_old = ponka_added_at.is_null().or(ponka_added_at.lt(since).assume_not_null());
        photos.filter(created_at.lt(since)).filter(is_old)
    };
    let renditions: i64 = unchanged()
        .select(sql::<BigInt>(
            "COUNT(DISTINCT media) + COUNT(DISTINCT thumbnail) + COUNT(DISTINCT small) \
             + COUNT(DISTINCT large)",
        ))
        .first(connection)?;
    let originals: i64 = unchanged()
        .filter(status.ne(PhotoStatus::Done))
        .select(sql::<BigInt>("COUNT(DISTINCT filename)"))
        .first(connection)?;
    Ok(renditions + originals)
}
