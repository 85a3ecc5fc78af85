//! The statements on a queue table.

use std::time::Duration;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Nullable, Text};

use super::backend::Backend;
use super::claim::{Claim, by_lease, list};
use super::connection::DbConnection;
use super::dialect::Dialect;
use super::layout::Layout;
use super::trigger;

/// A queue table as it was found, and one queue in it.
#[derive(Debug, Clone)]
pub(super) struct Queue {
    pub(super) table: String,
    pub(super) name: String,
    pub(super) layout: Layout,
    pub(super) dialect: Dialect,
    pub(super) redeliver_timeout: Duration,
    /// The same for claims of others, who do not renew them.
    pub(super) foreign_redeliver_timeout: Duration,
    /// We notify workers by hand of what is sent: the trigger keeps silent.
    pub(super) notifies_by_hand: bool,
}

/// A message as it stands in the table.
#[derive(Debug, QueryableByName)]
pub(super) struct Row {
    #[diesel(sql_type = BigInt)]
    pub(super) id: i64,
    #[diesel(sql_type = Binary)]
    pub(super) body: Vec<u8>,
    #[diesel(sql_type = Binary)]
    pub(super) headers: Vec<u8>,
    #[diesel(sql_type = Text)]
    pub(super) available_at: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub(super) delivered_at: Option<String>,
}

#[derive(QueryableByName)]
pub(super) struct Id {
    #[diesel(sql_type = BigInt)]
    pub(super) id: i64,
}

impl Queue {
    /// The columns of [`Row`].
    pub(super) fn columns(&self) -> String {
        format!(
            "id, {} AS body, {} AS headers, {} AS available_at, {} AS delivered_at",
            self.dialect.bytes("body"),
            self.dialect.bytes("headers"),
            self.dialect.text("available_at"),
            self.dialect.text("delivered_at"),
        )
    }

    pub(super) fn insert(
        &self,
        connection: &mut DbConnection,
        body: &str,
        headers: &str,
        delay: i64,
    ) -> QueryResult<i64> {
        let date = |milliseconds| match delay {
            ..=0 => self.dialect.whole_second(milliseconds),
            _ => self.dialect.stamp(milliseconds),
        };
        let values = format!("$1, $2, $3, {}, {}", date(0), date(delay));
        let (quietly, row) = match self.notifies_by_hand {
            true => (trigger::QUIETLY, format!("SELECT {values} FROM quiet")),
            false => ("", format!("VALUES ({values})")),
        };
        let sql = format!(
            "{quietly}INSERT INTO {} (body, headers, queue_name, created_at, available_at) \
             {row} RETURNING id",
            self.table,
        );
        let row: Id = diesel::sql_query(sql)
            .bind::<Text, _>(body)
            .bind::<Text, _>(headers)
            .bind::<Text, _>(&self.name)
            .get_result(connection)?;
        Ok(row.id)
    }

    /// Claims rows that nobody has claimed, oldest first, in one statement.
    pub(super) fn claim(&self, connection: &mut DbConnection, max: usize) -> QueryResult<Vec<Row>> {
        self.mark_delivered(connection, &self.first_unclaimed(max, None))
    }

    /// The same among those that became due at this date, as [`Row::available_at`] writes it, or later.
    pub(super) fn claim_from(
        &self,
        connection: &mut DbConnection,
        max: usize,
        date: &str,
    ) -> QueryResult<Vec<Row>> {
        self.mark_delivered(connection, &self.first_unclaimed(max, Some(date)))
    }

    /// Rows whose lease has ended: their ids.
    pub(super) fn expired(
        &self,
        connection: &mut DbConnection,
        max: usize,
    ) -> QueryResult<Vec<i64>> {
        let query = diesel::sql_query(self.first_expired(max)).bind::<Text, _>(&self.name);
        let rows: Vec<Id> = query.load(connection)?;
        Ok(rows.into_iter().map(|row| row.id).collect())
    }

    /// Claims these rows if their lease has ended.
    pub(super) fn take_over(
        &self,
        connection: &mut DbConnection,
        ids: &[i64],
    ) -> QueryResult<Vec<Row>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let chosen = format!(
            "SELECT id FROM {} WHERE queue_name = $1 AND id IN ({}) AND {} {}",
            self.table,
            list(ids),
            self.lease_has_ended(),
            self.dialect.skip_locked(),
        );
        self.mark_delivered(connection, &chosen)
    }

    /// Claims this row, due or not, unless somebody holds it.
    pub(super) fn claim_by_id(
        &self,
        connection: &mut DbConnection,
        id: i64,
    ) -> QueryResult<Option<Row>> {
        let chosen = format!(
            "SELECT id FROM {} WHERE queue_name = $1 AND id = {id} \
             AND (delivered_at IS NULL OR ({})) {}",
            self.table,
            self.lease_has_ended(),
            self.dialect.skip_locked(),
        );
        Ok(self.mark_delivered(connection, &chosen)?.pop())
    }

    /// Removes this row, due or not, unless somebody holds it; says whether it did.
    pub(super) fn remove_by_id(&self, connection: &mut DbConnection, id: i64) -> QueryResult<bool> {
        let sql = format!(
            "DELETE FROM {} WHERE queue_name = $1 AND id = {id} \
             AND (delivered_at IS NULL OR ({}))",
            self.table,
            self.lease_has_ended(),
        );
        let removed = diesel::sql_query(sql).bind::<Text, _>(&self.name).execute(connection)?;
        Ok(removed > 0)
    }

    fn mark_delivered(&self, connection: &mut DbConnection, chosen: &str) -> QueryResult<Vec<Row>> {
        let (table, now, columns) = (&self.table, self.dialect.lease(), self.columns());
        let sql = match self.dialect.backend {
            // As a CTE: in a plain subquery PostgreSQL may run it more than once.
            Backend::Postgres => format!(
                "WITH chosen AS MATERIALIZED ({chosen}) UPDATE {table} SET delivered_at = {now} \
                 WHERE id IN (SELECT id FROM chosen) RETURNING {columns}"
            ),
            Backend::Sqlite => format!(
                "UPDATE {table} SET delivered_at = {now} WHERE id IN ({chosen}) RETURNING {columns}"
            ),
        };
        let mut rows: Vec<Row> =
            diesel::sql_query(sql).bind::<Text, _>(&self.name).load(connection)?;
        rows.sort_by(|a, b| (&a.available_at, a.id).cmp(&(&b.available_at, b.id)));
        Ok(rows)
    }

    /// Removes rows that are still ours; gives the ids of those that were.
    pub(super) fn delete(
        &self,
        connection: &mut DbConnection,
        claims: &[Claim],
    ) -> QueryResult<Vec<i64>> {
        self.fenced(connection, claims, &format!("DELETE FROM {} WHERE", self.table))
    }

    /// Renews the lease of rows that are still ours; gives them with their new lease.
    pub(super) fn renew(
        &self,
        connection: &mut DbConnection,
        claims: &[Claim],
    ) -> QueryResult<Vec<Row>> {
        let mut renewed = Vec::new();
        for (lease, ids) in by_lease(claims) {
            let sql = format!(
                "UPDATE {} SET delivered_at = {} WHERE id IN ({}) AND {} RETURNING {}",
                self.table,
                self.dialect.lease(),
                list(&ids),
                self.dialect.lease_is_parameter(),
                self.columns(),
            );
            let query = diesel::sql_query(sql).bind::<Nullable<Text>, _>(lease);
            renewed.extend(query.load::<Row>(connection)?);
        }
        Ok(renewed)
    }

    /// Gives rows back that are still ours, to be delivered after a delay.
    pub(super) fn release(
        &self,
        connection: &mut DbConnection,
        claims: &[Claim],
        delay: Duration,
    ) -> QueryResult<()> {
        let later = match i64::try_from(delay.as_millis()).unwrap_or(i64::MAX) {
            0 => String::new(),
            delay => format!(", available_at = {}", self.dialect.stamp(delay)),
        };
        let update = format!("UPDATE {} SET delivered_at = NULL{later} WHERE", self.table);
        self.fenced(connection, claims, &update).map(drop)
    }

    fn fenced(
        &self,
        connection: &mut DbConnection,
        claims: &[Claim],
        statement: &str,
    ) -> QueryResult<Vec<i64>> {
        let mut touched = Vec::with_capacity(claims.len());
        for (lease, ids) in by_lease(claims) {
            let sql = format!(
                "{statement} id IN ({}) AND {} RETURNING id",
                list(&ids),
                self.dialect.lease_is_parameter(),
            );
            let rows: Vec<Id> =
                diesel::sql_query(sql).bind::<Nullable<Text>, _>(lease).load(connection)?;
            touched.extend(rows.into_iter().map(|row| row.id));
        }
        Ok(touched)
    }
}
