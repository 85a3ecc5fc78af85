//! An uploaded photo.

use chrono::NaiveDateTime;
use diesel::backend::Backend;
use diesel::deserialize::FromSqlRow;
use diesel::deserialize::{self, FromSql};
use diesel::expression::AsExpression;
use diesel::prelude::*;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::Text;
use uuid::Uuid;

use super::StoredUuid;
use crate::schema::image_post;

/// An uploaded photo. Table and messages are called `image_post` and `ImagePost`, as in Symfony.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = image_post)]
pub struct Photo {
    /// Of version 7: a newer photo has a greater id.
    #[diesel(deserialize_as = StoredUuid, serialize_as = String)]
    pub id: Uuid,
    /// The visitor or account whose photo it is.
    #[diesel(deserialize_as = StoredUuid, serialize_as = String)]
    pub owner_id: Uuid,
    /// The id of its file in the photo storage.
    #[diesel(deserialize_as = StoredUuid, serialize_as = String)]
    pub filename: Uuid,
    /// The client's name for it, made harmless; for showing only.
    pub original_filename: String,
    /// Where it is on its way.
    pub status: PhotoStatus,
    /// Pixels across.
    pub width: i32,
    /// Pixels down.
    pub height: i32,
    /// The name of the rendition that is shown.
    pub media: String,
    /// The name of a smaller one for the grid.
    pub thumbnail: Option<String>,
    /// Why it failed, as a code of the message catalogue.
    pub failure: Option<String>,
    /// When Ponka came by, UTC.
    pub ponka_added_at: Option<NaiveDateTime>,
    /// When it was uploaded, UTC.
    pub created_at: NaiveDateTime,
    /// The client's `Idempotency-Key` and the number of the file in its request.
    pub idempotency_key: Option<String>,
    /// The name of a rendition with a long side of 320 pixels, if the photo is larger.
    pub small: Option<String>,
    /// The name of a rendition with a long side of 1280 pixels, if the one that is shown is larger.
    pub large: Option<String>,
    /// What to show until a rendition has come: a `ThumbHash`, in base64.
    pub placeholder: Option<String>,
    /// SHA-256 of the upload, in hexadecimal digits.
    pub content_hash: Option<String>,
    /// What is to be seen, in the owner's words.
    pub alt: Option<String>,
}

/// How a photo is shown: the names of its renditions, and what stands in for them.
#[derive(Debug, Clone, PartialEq, Eq, AsChangeset)]
#[diesel(table_name = image_post, treat_none_as_null = true)]
pub struct Renditions {
    /// The name of the whole photo.
    pub media: String,
    /// The name of the tile.
    pub thumbnail: Option<String>,
    /// The name of the smaller one.
    pub small: Option<String>,
    /// The name of the larger one.
    pub large: Option<String>,
    /// A `ThumbHash`, in base64.
    pub placeholder: Option<String>,
}

impl Photo {
    /// How the photo is shown.
    #[must_use]
    pub fn renditions(&self) -> Renditions {
        Renditions {
            media: self.media.clone(),
            thumbnail: self.thumbnail.clone(),
            small: self.small.clone(),
            large: self.large.clone(),
            placeholder: self.placeholder.clone(),
        }
    }
}

impl Renditions {
    /// The names of all that there are.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let copies = [&self.thumbnail, &self.small, &self.large];
        std::iter::once(&*self.media).chain(copies.into_iter().filter_map(|name| name.as_deref()))
    }
}

/// Where a photo is on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub enum PhotoStatus {
    /// Waiting for a worker.
    Queued,
    /// A worker has it.
    Processing,
    /// Ponka is on it.
    Done,
    /// Ponka could not visit it, and is not sent again unless asked.
    Failed,
}

impl PhotoStatus {
    const ALL: [Self; 4] = [Self::Queued, Self::Processing, Self::Done, Self::Failed];

    /// The word for it, in the database, in JSON and on pages.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Processing => "processing",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }
}

impl<B: Backend> FromSql<Text, B> for PhotoStatus
where
    String: FromSql<Text, B>,
{
    fn from_sql(bytes: B::RawValue<'_>) -> deserialize::Result<Self> {
        let text = String::from_sql(bytes)?;
        let known = Self::ALL.into_iter().find(|status| status.as_str() == text);
        known.ok_or_else(|| format!("unknown photo status {text:?}").into())
    }
}

impl<B: Backend> ToSql<Text, B> for PhotoStatus
where
    str: ToSql<Text, B>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, B>) -> serialize::Result {
        self.as_str().to_sql(out)
    }
}
