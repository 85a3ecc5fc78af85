//! Symfony's tables, by the statements of the captures.

const SQLITE: &str = include_str!("../../core/tests/fixtures/wire/schema-sqlite.txt");
const POSTGRES: &str = include_str!("../../core/tests/fixtures/wire/schema-postgresql.txt");

pub(crate) fn sqlite() -> String {
    let wanted = |line: &&str| {
        line.starts_with("CREATE TABLE messenger_messages") || line.starts_with("CREATE INDEX")
    };
    SQLITE.lines().filter(wanted).collect()
}

/// In this schema.
pub(crate) fn postgres(schema: &str) -> String {
    let (_, dump) = POSTGRES.split_once("CREATE TABLE").expect("the table");
    let (dump, function) = dump.split_once("CREATE OR REPLACE FUNCTION").expect("the function");
    let (table, trigger) = dump.split_once("CREATE TRIGGER").expect("the trigger");
    let (trigger, _) = trigger.split_once(';').expect("the end of a statement");
    let table: String = table
        .lines()
        .filter(|line| !line.contains("OWNER TO"))
        .map(|line| format!("{line}\n"))
        .collect();
    let all = format!(
        "CREATE TABLE{table}; CREATE OR REPLACE FUNCTION{function}; CREATE TRIGGER{trigger};"
    );
    all.replace("public.", &format!("{schema}."))
}
