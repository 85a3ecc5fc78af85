//! Somebody who has registered.

use std::fmt;

use chrono::NaiveDateTime;
use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::prelude::*;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::Text;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{StoredUuid, StoredUuidOrNull};
use crate::schema::app_user;

/// Somebody who has registered.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = app_user)]
pub struct User {
    /// Of version 7; owns the photos of the account.
    #[diesel(deserialize_as = StoredUuid)]
    pub id: Uuid,
    /// The address, in lower case.
    pub email: String,
    /// What the person wants to be called.
    pub name: String,
    /// The hash of the password.
    pub password_hash: PasswordHash,
    /// What the person may do.
    pub role: Role,
    /// The visitor who registered.
    #[diesel(deserialize_as = StoredUuidOrNull)]
    pub visitor_id: Option<Uuid>,
    /// When the account was made, UTC.
    pub created_at: NaiveDateTime,
}

/// What somebody may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub enum Role {
    /// Sees and changes their own photos.
    User,
    /// Operates the gallery as well.
    Admin,
}

/// A password, hashed with argon2id, in the PHC format. It cannot be printed by accident.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
#[serde(transparent)]
pub struct PasswordHash(String);

impl Role {
    const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Admin => "admin",
        }
    }
}

impl PasswordHash {
    /// Wraps a hash that is in the PHC format already.
    #[must_use]
    pub fn new(phc: impl Into<String>) -> Self {
        Self(phc.into())
    }

    /// The hash itself, to check a password against.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl<B: Backend> FromSql<Text, B> for Role
where
    String: FromSql<Text, B>,
{
    fn from_sql(bytes: B::RawValue<'_>) -> deserialize::Result<Self> {
        let text = String::from_sql(bytes)?;
        let known = [Self::User, Self::Admin].into_iter().find(|role| role.as_str() == text);
        known.ok_or_else(|| format!("unknown role {text:?}").into())
    }
}

impl<B: Backend> ToSql<Text, B> for Role
where
    str: ToSql<Text, B>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, B>) -> serialize::Result {
        self.as_str().to_sql(out)
    }
}

impl<B: Backend> FromSql<Text, B> for PasswordHash
where
    String: FromSql<Text, B>,
{
    fn from_sql(bytes: B::RawValue<'_>) -> deserialize::Result<Self> {
        String::from_sql(bytes).map(Self)
    }
}

impl<B: Backend> ToSql<Text, B> for PasswordHash
where
    String: ToSql<Text, B>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, B>) -> serialize::Result {
        self.0.to_sql(out)
    }
}
