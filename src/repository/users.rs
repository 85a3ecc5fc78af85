//! Queries on `app_user`.

use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text, Timestamp};
use messenger_doctrine::DbConnection;
use uuid::Uuid;

use crate::entity::{PasswordHash, Role, User};
use crate::schema::app_user::dsl::{app_user, email, id, name, password_hash, role};

/// Inserts an account. Says `false` if the address is taken, also when somebody else takes it in
/// this moment: a unique index decides, and the transaction stays usable.
pub fn insert_unless_taken(connection: &mut DbConnection, user: &User) -> QueryResult<bool> {
    let inserted = diesel::sql_query(
        "INSERT INTO app_user (id, email, name, password_hash, role, visitor_id, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (email) DO NOTHING",
    )
    .bind::<Text, _>(user.id.to_string())
    .bind::<Text, _>(&user.email)
    .bind::<Text, _>(&user.name)
    .bind::<Text, _>(&user.password_hash)
    .bind::<Text, _>(user.role)
    .bind::<Nullable<Text>, _>(user.visitor_id.map(|visitor| visitor.to_string()))
    .bind::<Timestamp, _>(user.created_at)
    .execute(connection)?;
    Ok(inserted > 0)
}

/// The account with this id.
pub fn find(connection: &mut DbConnection, wanted: Uuid) -> QueryResult<Option<User>> {
    let query = app_user.find(wanted.to_string()).select(User::as_select());
    query.first(connection).optional()
}

/// Keeps an account from being deleted until the transaction ends; `false` if it is gone already.
pub fn hold(connection: &mut DbConnection, user: Uuid) -> QueryResult<bool> {
    let wanted = app_user.find(user.to_string()).select(id);
    let held: Option<String> = match connection {
        DbConnection::Pg(connection) => wanted.for_key_share().first(connection).optional()?,
        // One writes at a time.
        DbConnection::Sqlite(connection) => wanted.first(connection).optional()?,
    };
    Ok(held.is_some())
}

/// Keeps an account as it is until the transaction ends; `false` if it is gone, or has another
/// password than the one that was checked.
pub fn hold_if_password(
    connection: &mut DbConnection,
    user: Uuid,
    checked: &PasswordHash,
) -> QueryResult<bool> {
    // Changes nothing, and so locks the row in both databases.
    let same = app_user.filter(id.eq(user.to_string())).filter(password_hash.eq(checked));
    Ok(diesel::update(same).set(id.eq(user.to_string())).execute(connection)? > 0)
}

/// The account with this address, in lower case.
pub fn find_by_email(connection: &mut DbConnection, address: &str) -> QueryResult<Option<User>> {
    let query = app_user.filter(email.eq(address)).select(User::as_select());
    query.first(connection).optional()
}

/// Gives an account another name.
pub fn rename(connection: &mut DbConnection, user: Uuid, new: &str) -> QueryResult<()> {
    diesel::update(app_user.find(user.to_string())).set(name.eq(new)).execute(connection).map(drop)
}

/// Gives an account another password.
pub fn set_password(
    connection: &mut DbConnection,
    user: Uuid,
    new: &PasswordHash,
) -> QueryResult<()> {
    let update = diesel::update(app_user.find(user.to_string()));
    update.set(password_hash.eq(new)).execute(connection).map(drop)
}

/// Says what the account with this address may do; `false` if there is none.
pub fn set_role(connection: &mut DbConnection, address: &str, new: Role) -> QueryResult<bool> {
    let update = diesel::update(app_user.filter(email.eq(address)));
    Ok(update.set(role.eq(new)).execute(connection)? > 0)
}

/// Deletes an account with its sessions; `false` if it is gone already.
pub fn delete(connection: &mut DbConnection, user: Uuid) -> QueryResult<bool> {
    Ok(diesel::delete(app_user.filter(id.eq(user.to_string()))).execute(connection)? > 0)
}
