//! How a UUID stands in a row: as text, in both databases.

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::sql_types::{Nullable, Text};
use uuid::Uuid;

/// A UUID as a row gives it. What is none is an error that quotes it.
#[derive(Debug, Clone, Copy, FromSqlRow)]
pub struct StoredUuid(Uuid);

/// The same in a column that may be NULL.
#[derive(Debug, Clone, Copy, FromSqlRow)]
pub struct StoredUuidOrNull(Option<Uuid>);

impl From<StoredUuid> for Uuid {
    fn from(stored: StoredUuid) -> Self {
        stored.0
    }
}

impl From<StoredUuidOrNull> for Option<Uuid> {
    fn from(stored: StoredUuidOrNull) -> Self {
        stored.0
    }
}

impl<B: Backend> FromSql<Text, B> for StoredUuid
where
    String: FromSql<Text, B>,
{
    fn from_sql(bytes: B::RawValue<'_>) -> deserialize::Result<Self> {
        let text = String::from_sql(bytes)?;
        let uuid = Uuid::try_parse(&text);
        uuid.map(Self).map_err(|error| format!("{text:?} is not a UUID: {error}").into())
    }
}

impl<B: Backend> FromSql<Nullable<Text>, B> for StoredUuidOrNull
where
    String: FromSql<Text, B>,
{
    fn from_sql(bytes: B::RawValue<'_>) -> deserialize::Result<Self> {
        StoredUuid::from_sql(bytes).map(|stored| Self(Some(stored.0)))
    }

    fn from_nullable_sql(bytes: Option<B::RawValue<'_>>) -> deserialize::Result<Self> {
        bytes.map_or(Ok(Self(None)), Self::from_sql)
    }
}
