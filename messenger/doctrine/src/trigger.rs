//! Notifications on PostgreSQL: Symfony's trigger, which tells workers of every row, whoever writes
//! it, and one by hand where there is no trigger.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};

use super::connection::DbConnection;
use super::queue::Queue;

/// Before an `INSERT … SELECT … FROM quiet` of which workers are told by hand. It lasts until the end
/// of the transaction, so nothing is left in a connection that others share.
pub(super) const QUIETLY: &str = "WITH quiet AS MATERIALIZED \
    (SELECT set_config('messenger.notifies_by_hand', 'yes', true)) ";

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
/// is silent where a row is claimed or a lease renewed, since nobody waits for that, and where a row
/// is sent [`QUIETLY`]: every notification makes commits wait for each other, so one by hand for many
/// rows lets five times as many through.
pub(super) fn ensure(connection: &mut DbConnection, table: &str) -> QueryResult<()> {
    let function = function_name(table);
    if !may_make(connection, table, &function)? {
        return Ok(());
    }
    // Somebody else may have made it meanwhile.
    super::schema::wait_for_turn(connection)?;
    if !may_make(connection, table, &function)? {
        return Ok(());
    }
    connection.batch_execute(&format!(
        "CREATE OR REPLACE FUNCTION {function}() RETURNS TRIGGER AS $$ \
             BEGIN PERFORM pg_notify('{table}', NEW.queue_name::text); RETURN NEW; END; \
         $$ LANGUAGE plpgsql; \
         CREATE TRIGGER notify_trigger AFTER INSERT OR UPDATE ON {table} FOR EACH ROW \
             WHEN (NEW.delivered_at IS NULL AND \
                 current_setting('messenger.notifies_by_hand', true) IS DISTINCT FROM 'yes') \
             EXECUTE PROCEDURE {function}();"
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

#[cfg(test)]
mod tests {
    use diesel::connection::SimpleConnection;

    use super::super::backend::Backend;
    use super::super::connection::DbConnection;
    use super::super::dialect::Dialect;
    use super::super::layout::Layout;
    use super::super::queue::Queue;
    use super::super::schema;
    use messenger::clock::Clock;

    #[test]
    fn p2_the_trigger_is_silent_only_where_we_notify_by_hand() {
        let Ok(server) = std::env::var("PONKA_TEST_POSTGRES_URL") else {
            let all = std::env::var("PONKA_TEST_BACKENDS").is_ok_and(|backends| backends == "all");
            assert!(!all, "PONKA_TEST_BACKENDS=all needs PONKA_TEST_POSTGRES_URL");
            println!("not tested: postgres, because PONKA_TEST_POSTGRES_URL is not set");
            return;
        };
        let DbConnection::Pg(connection) = DbConnection::open(&server).unwrap() else { panic!() };
        let mut connection = DbConnection::Pg(connection);
        let table = format!("messenger_trigger_{}", std::process::id());
        connection
            .batch_execute(&format!(
                "CREATE SCHEMA {table}; SET search_path TO {table}; LISTEN {table}"
            ))
            .unwrap();
        schema::setup(&mut connection, &table, true).unwrap();
        let layout = Layout::of(&mut connection, &table).unwrap().unwrap();
        assert!(!layout.notifies, "not of everything");
        let heard = [true, false].map(|notifies_by_hand| {
            let backend = Backend::Postgres;
            let queue = Queue {
                table: table.clone(),
                name: "default".to_owned(),
                layout,
                dialect: Dialect { backend, fractions: layout.fractions, clock: Clock::System },
                redeliver_timeout: std::time::Duration::from_secs(60),
                foreign_redeliver_timeout: std::time::Duration::from_secs(60),
                notifies_by_hand,
            };
            queue.insert(&mut connection, "{}", "{}", 0).unwrap();
            queue.claim(&mut connection, 1).unwrap();
            let DbConnection::Pg(connection) = &mut connection else { panic!() };
            connection.notifications_iter().count()
        });
        connection.batch_execute(&format!("DROP SCHEMA {table} CASCADE")).unwrap();
        assert_eq!(heard, [0, 1]);
    }
}
