//! `doctor`, `photos:sweep`, `migrations:migrate`, `messenger:setup-transports`.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::time::{Duration, SystemTime};

use super::project::Project;
use crate::support::TestDatabase;

const ORPHAN: &str = "uploads/originals/0190a0a0-0000-7000-8000-00000000000a";

fn leave_file(project: &Project, name: &str, age: Duration) {
    let path = project.path(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let file = std::fs::File::create(path).unwrap();
    #[expect(clippy::disallowed_methods, reason = "the file system has no other clock")]
    file.set_modified(SystemTime::now() - age).unwrap();
}

#[test]
fn the_doctor_finds_a_healthy_project_healthy() {
    let said = Project::new().console("doctor");
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(!said.out.contains("FAIL"));
    for what in ["storage", "mail", "database", "schema", "clock", "transport async", "files"] {
        assert!(said.out.contains(&format!(" OK    {what}")), "{what} is missing in {}", said.out);
    }
}

#[test]
fn the_doctor_says_what_to_do() {
    let project = Project::new();
    std::fs::write(project.path(".env.local"), "DATABASE_URL=sqlite://var/empty.sqlite\n").unwrap();
    let said = project.console("doctor");
    assert_eq!(said.code, Some(1));
    assert!(said.out.contains(" FAIL  schema") && said.out.contains("console migrations:migrate"));
    std::fs::write(project.path(".env.local"), "PHOTO_STORAGE_URL=file:messenger.toml/x\n")
        .unwrap();
    let said = project.console("doctor");
    assert!(said.code == Some(1) && said.out.contains(" FAIL  storage"), "{said:?}");
}

#[test]
fn only_old_files_without_a_photo_are_swept() {
    let project = Project::new();
    let (old, young) = (Duration::from_secs(7200), Duration::from_secs(60));
    leave_file(&project, ORPHAN, old);
    leave_file(&project, &ORPHAN.replace("00a", "00b"), young);
    let part = format!("uploads/media/{}/0123.jpg#1", &ORPHAN[18..]);
    for part in ["uploads/incoming/part#1", "uploads/originals/part#12", &part] {
        leave_file(&project, part, old);
    }
    let said = project.console("photos:sweep --dry-run");
    assert!(said.out.contains("1 of 2 files (0 bytes) would be removed; 1 more"), "{said:?}");
    assert!(project.path(ORPHAN).exists());
    let said = project.console("photos:sweep");
    assert!(said.out.contains("1 of 2 files") && said.out.contains("3 parts"), "{said:?}");
    assert!(!project.path(ORPHAN).exists() && !project.path("uploads/incoming/part#1").exists());
    assert!(!project.path(&part).exists());
    assert!(project.path(&ORPHAN.replace("00a", "00b")).exists());
}

#[test]
fn a_database_that_is_not_migrated_costs_no_photo() {
    let project = Project::new();
    leave_file(&project, ORPHAN, Duration::from_secs(3600));
    std::fs::write(project.path(".env.local"), "DATABASE_URL=sqlite://var/empty.sqlite\n").unwrap();
    let said = project.console("photos:sweep");
    assert!(said.code == Some(1) && said.err.contains("migrations:migrate"));
    assert!(project.path(ORPHAN).exists());
}

#[test]
fn migrating_and_setting_up_twice_is_harmless() {
    let project = Project::new();
    assert!(project.console("migrations:migrate").out.contains("Already at the latest version."));
    let said = project.console("messenger:setup-transports async");
    assert!(said.out.contains("The \"async\" transport was set up successfully."));
    assert_eq!(project.console("messenger:setup-transports nope").code, Some(1));
}

#[test]
fn q10_a_password_in_the_query_of_a_url_is_not_printed() {
    let project = Project::new();
    for url in [
        "postgres://127.0.0.1:1/x?user=u&password=geheim",
        "postgres://127.0.0.1:1/x?user=u&sslpassword=geheim&passfile=/geheim",
        "postgres://u:geheim@[::1/x",
    ] {
        for arguments in ["migrations:migrate", "doctor"] {
            let mut command = project.command(arguments);
            let said = command.env("DATABASE_URL", url).output().unwrap();
            let said = super::project::Said::from(said);
            assert!(said.code == Some(1) && !format!("{said:?}").contains("geheim"), "{said:?}");
        }
    }
}

#[test]
fn q8_options_of_a_sqlite_url_are_refused() {
    let project = Project::new();
    let mut command = project.command("migrations:migrate");
    let said = command.env("DATABASE_URL", "sqlite://var/x.db?mode=rwc").output().unwrap();
    let said = super::project::Said::from(said);
    assert!(said.code == Some(1) && said.err.contains("without options"), "{said:?}");
    assert!(!project.path("var/x.db?mode=rwc").exists());
}

#[test]
fn q5_a_role_that_may_make_nothing_starts_on_a_migrated_database() {
    let Some(database) = TestDatabase::postgres() else { return };
    let project = Project::new();
    let console = |url: &str, arguments: &str| {
        let output = project.command(arguments).env("DATABASE_URL", url).output();
        super::project::Said::from(output.unwrap())
    };
    let said = console(&database.url, "migrations:migrate");
    assert_eq!(said.code, Some(0), "{said:?}");
    let schema = &database.values("SELECT current_schema() AS value")[0];
    let role = format!("{schema}_app");
    database.execute(&format!(
        "CREATE ROLE {role} LOGIN PASSWORD 'app'; REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC; \
         GRANT USAGE ON SCHEMA {schema} TO {role}; \
         GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role}"
    ));
    let mut restricted = url::Url::parse(&database.url).unwrap();
    restricted.set_username(&role).unwrap();
    restricted.set_password(Some("app")).unwrap();
    let arguments = [
        "messenger:consume async --time-limit=1",
        "messenger:setup-transports",
        "migrations:migrate",
        "doctor",
    ];
    let said = arguments.map(|arguments| console(restricted.as_str(), arguments));
    database.execute(&format!("DROP OWNED BY {role}; DROP ROLE {role}"));
    assert!(said.iter().all(|said| said.code == Some(0)), "{said:?}");
}

#[test]
fn the_newest_photo_gets_a_second_row() {
    let project = Project::new();
    assert_eq!(project.console("demo:duplicate-row").code, Some(1));
    project.execute(
        "INSERT INTO image_post (id, owner_id, filename, original_filename, status, width, height, \
         media, created_at, idempotency_key) VALUES ('0190a0a0-0000-7000-8000-000000000001', \
         '0190a0a0-0000-7000-8000-000000000002', '0190a0a0-0000-7000-8000-000000000003', 'cat.jpg', 'queued', 1, 1, 'm', '2026-01-01 00:00:00', 'key')",
    );
    let said = project.console("demo:duplicate-row");
    assert!(said.code == Some(0) && said.out.contains("has the same file"), "{said:?}");
}

#[test]
fn an_account_is_made_an_operators_and_an_ordinary_one_again() {
    let project = Project::new();
    let role = || project.values("SELECT role AS value FROM app_user");
    project.execute(
        "INSERT INTO app_user (id, email, name, password_hash, role, created_at) VALUES \
         ('0190a0a0-0000-7000-8000-000000000001', 'vera@example.com', 'Vera', 'x', 'user', \
         '2026-11-23 00:00:00')",
    );
    let said = project.console("user:promote Vera@Example.com");
    assert!(said.code == Some(0) && said.out.contains("vera@example.com may operate"), "{said:?}");
    assert_eq!(role(), ["admin"]);
    assert_eq!(project.console("user:promote vera@example.com --revoke").code, Some(0));
    assert_eq!(role(), ["user"]);
    let said = project.console("user:promote eve@example.com");
    assert!(
        said.code == Some(1) && said.err.contains("no account with the address eve@example.com")
    );
    let said = project.console("user:promote vera");
    assert!(said.code == Some(2) && said.err.contains('@'), "{said:?}");
    assert_eq!(role(), ["user"]);
}
