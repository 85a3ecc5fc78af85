//! Notifications on PostgreSQL: Symfony's trigger, which tells workers of every row, whoever writes
//! it, and one by hand where there is no trigger.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};

use super::connection::DbConnection;
use super::queue::Queue;

/// Tells workers that something is due.
pub(super) fn notify(connection: &mut DbConnection, queue: &Queue) -> QueryResult<()> {
    diesel::sql_query("SELECT pg_notify($1, $2)")
        .bind::<Text, _>(&queue.table)
        .bind::<Text, _>(&queue.name)
        .execute(connection)
        .map(drop)
}

/// Makes the trigger if the table has none and is ours to change. Without it, workers are told of
/// what this library writes, and look for the rest every now and then.
///
/// Names and function are Symfony's, which drops the trigger and makes its own when it sets up. Ours
/// is silent where a row is claimed or a lease renewed: nobody waits for that.
pub(super) fn ensure(connection: &mut DbConnection, table: &str) -> QueryResult<()> {
    let function = function_name(table);
    if !may_make(connection, table, &function)? {
        return Ok(());
    }
    connection.batch_execute(&format!(
        "CREATE OR REPLACE FUNCTION {function}() RETURNS TRIGGER AS $$ \
             BEGIN PERFORM pg_notify('{table}', NEW.queue_name::text); RETURN NEW; END; \
         $$ LANGUAGE plpgsql; \
         CREATE TRIGGER notify_trigger AFTER INSERT OR UPDATE ON {table} FOR EACH ROW \
             WHEN (NEW.delivered_at IS NULL) EXECUTE PROCEDURE {function}();"
    ))
}

/// Symfony's name, in the schema of the table.
fn function_name(table: &str) -> String {
    match table.split_once('.') {
        Some((schema, name)) => format!("{schema}.notify_{name}"),
        None => format!("notify_{table}"),
    }
}

/// Whether there is no trigger yet, the table is ours, and so is the function, or can be.
fn may_make(connection: &mut DbConnection, table: &str, function: &str) -> QueryResult<bool> {
    #[derive(QueryableByName)]
    struct Answer {
        #[diesel(sql_type = Bool)]
        may: bool,
    }
    const SQL: &str = "SELECT NOT EXISTS (SELECT FROM pg_trigger \
            WHERE tgrelid = queue.oid AND tgname = 'notify_trigger') \
        AND pg_has_role(queue.relowner, 'USAGE') \
        AND COALESCE( \
            (SELECT pg_has_role(proowner, 'USAGE') FROM pg_proc WHERE oid = to_regprocedure($2)), \
            has_schema_privilege(COALESCE(NULLIF($3, ''), current_schema()), 'CREATE'), \
            false) AS may \
        FROM pg_class AS queue WHERE queue.oid = to_regclass($1)";
    let schema = table.split_once('.').map_or("", |(schema, _)| schema);
    let answer: Option<Answer> = diesel::sql_query(SQL)
        .bind::<Text, _>(table)
        .bind::<Text, _>(format!("{function}()"))
        .bind::<Text, _>(schema)
        .get_result(connection)
        .optional()?;
    Ok(answer.is_some_and(|answer| answer.may))
}
