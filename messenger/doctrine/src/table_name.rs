//! Which names a queue table may have: they are written into SQL as they are.

use super::backend::Backend;
use super::outbox;

/// PostgreSQL cuts longer names, whatever they name.
const POSTGRES_NAME: usize = 63;
/// What the table is called that counts deliveries.
const SUPPORT_TABLE: &str = "_deliveries";

/// Words that PostgreSQL or SQLite do not take for a table without quotes.
const RESERVED: &str = "add all alter analyse analyze and any array as asc asymmetric \
    authorization autoincrement between binary both case cast check collate collation column \
    commit concurrently constraint create cross current_catalog current_date current_role \
    current_schema current_time current_timestamp current_user default deferrable delete desc \
    distinct do drop else end escape except exists false fetch for foreign freeze from full grant \
    group having if ilike in index initially inner insert intersect into is isnull join lateral \
    leading left like limit localtime localtimestamp natural not nothing notnull null offset on \
    only or order outer overlaps placing primary references returning right select session_user \
    set similar some symmetric system_user table tablesample then to trailing transaction true \
    union unique update user using values variadic verbose when where window with";

/// Says what is wrong with the name of a table: letters, digits and underscores are allowed, and on
/// PostgreSQL one dot between schema and table.
pub(super) fn check(name: &str, backend: Backend) -> Result<(), String> {
    let parts: Vec<&str> = name.split('.').collect();
    if parts.len() > 2 || !parts.iter().all(|part| is_word(part)) {
        return Err(format!(
            "table_name {name:?} is no table name; allowed: letters, digits and _, and on \
             PostgreSQL schema.table"
        ));
    }
    if parts.len() > 1 && backend == Backend::Sqlite {
        return Err(format!(
            "table_name {name:?} names a schema, and SQLite has none; write the table alone"
        ));
    }
    let is_reserved = |part: &&&str| {
        RESERVED.split_whitespace().any(|word| word.eq_ignore_ascii_case(part))
            || part.to_ascii_lowercase().starts_with("sqlite_")
    };
    if let Some(word) = parts.iter().find(is_reserved) {
        return Err(format!(
            "table_name {name:?}: {word} is a reserved word of the database; choose another name"
        ));
    }
    let table = parts.last().copied().unwrap_or(name);
    let lower = table.to_ascii_lowercase();
    let own = ["messenger_discards", "messenger_signals", outbox::TABLE];
    if own.contains(&lower.as_str()) || lower.ends_with(SUPPORT_TABLE) {
        return Err(format!(
            "table_name {name:?} is the name of a table beside a queue; choose another one"
        ));
    }
    let longest = POSTGRES_NAME - SUPPORT_TABLE.len();
    // The whole name is also that of the channel for notifications.
    if backend == Backend::Postgres && (table.len() > longest || name.len() > POSTGRES_NAME) {
        return Err(format!(
            "table_name {name:?} is too long for PostgreSQL, which cuts names of more than \
             {POSTGRES_NAME} characters; allowed: {longest} for the table, because of \
             {table}{SUPPORT_TABLE}, and {POSTGRES_NAME} with its schema"
        ));
    }
    Ok(())
}

fn is_word(part: &str) -> bool {
    let mut characters = part.chars();
    characters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && characters.all(|character| character.is_ascii_alphanumeric() || character == '_')
}
