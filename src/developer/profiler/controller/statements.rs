//! The panel *SQL*: what was asked of the database, and what was asked again and again.

use std::collections::HashMap;

use serde::Serialize;

use super::text::milliseconds;
use crate::developer::profiler::Profile;

#[derive(Debug, Serialize)]
pub(super) struct StatementsPanel {
    statements: Vec<StatementView>,
    total: String,
    /// Statements that ran several times: perhaps one for each row of a list.
    repeated: Vec<Repeated>,
}

#[derive(Debug, Serialize)]
struct StatementView {
    sql: String,
    took: String,
    error: Option<String>,
}

#[derive(Debug, Serialize)]
struct Repeated {
    sql: String,
    times: usize,
}

impl StatementsPanel {
    pub(super) fn new(profile: &Profile) -> Self {
        let statements = profile.statements.iter().map(|statement| StatementView {
            sql: statement.sql.clone(),
            took: milliseconds(statement.duration),
            error: statement.error.clone(),
        });
        Self {
            statements: statements.collect(),
            total: milliseconds(profile.statements.iter().map(|one| one.duration).sum()),
            repeated: repeated(profile),
        }
    }
}

fn repeated(profile: &Profile) -> Vec<Repeated> {
    let mut times: HashMap<&str, usize> = HashMap::new();
    for statement in profile.statements.iter().filter(|one| !is_of_transaction(&one.sql)) {
        *times.entry(&statement.sql).or_default() += 1;
    }
    let several = times.into_iter().filter(|(_, times)| *times > 1);
    let mut repeated: Vec<Repeated> =
        several.map(|(sql, times)| Repeated { sql: sql.to_owned(), times }).collect();
    repeated.sort_by(|one, other| other.times.cmp(&one.times).then(one.sql.cmp(&other.sql)));
    repeated
}

fn is_of_transaction(sql: &str) -> bool {
    ["BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE"].iter().any(|word| sql.starts_with(word))
}
