//! What variables become, and how wrong ones are refused.

use std::{path::PathBuf, time::Duration};

use crate::config::{
    Allowance, AppEnv, Config, DEV_SECRET, DatabaseUrl, Fault, LogFormat, MailerDsn,
    PhotoStorageUrl, Secret, Tutorial,
};

use super::vars;

const SECRET: &str = "0123456789abcdef0123456789abcdef";

fn config(pairs: &[(&str, &str)]) -> Config {
    Config::from_vars(&vars(pairs)).unwrap()
}

/// The lines of the errors of variables that must be refused.
fn refused(pairs: &[(&str, &str)]) -> Vec<String> {
    let errors = Config::from_vars(&vars(pairs)).unwrap_err();
    errors.0.iter().map(ToString::to_string).collect()
}

#[test]
fn without_variables_everything_is_the_dev_default() {
    let config = config(&[("BIND", "")]);
    assert_eq!(config.app_env, AppEnv::Dev);
    assert_eq!(config.http.secret.expose(), DEV_SECRET);
    assert_eq!(config.http.bind.to_string(), "127.0.0.1:8000");
    assert_eq!(config.http.default_uri, "http://127.0.0.1:8000");
    assert_eq!(config.database_url, DatabaseUrl::Sqlite(PathBuf::from("var/ponka.sqlite")));
    assert_eq!(config.messenger_transport_dsn.expose(), "doctrine://default?auto_setup=1");
    assert_eq!(config.mailer_dsn, MailerDsn::Files(PathBuf::from("var/mail")));
    assert_eq!(config.photo_storage_url, PhotoStorageUrl::Folder(PathBuf::from("uploads")));
    assert!(config.guest_uploads);
    assert_eq!(config.allowance, Allowance::default());
    assert!(config.http.trusted_proxies.is_empty());
    assert_eq!(config.tutorial, Tutorial::default());
    assert_eq!((config.log.filter.as_str(), config.log.format), ("info", LogFormat::Text));
}

#[test]
fn the_written_defaults_are_the_defaults() {
    let written = config(&[
        ("DATABASE_URL", "sqlite://var/ponka.sqlite"),
        ("MAILER_DSN", "file://var/mail"),
        ("PHOTO_STORAGE_URL", "file:uploads"),
    ]);
    assert_eq!(format!("{written:?}"), format!("{:?}", config(&[])));
}

#[test]
fn every_variable_can_be_set() {
    let config = config(&[
        ("APP_ENV", "test"),
        ("BIND", "127.0.0.2:80"),
        ("DEFAULT_URI", "https://ponka.example/gallery/"),
        ("DATABASE_URL", "postgres://u:p@h/ponka"),
        ("MAILER_DSN", "smtps://u:p@h:465"),
        ("PHOTO_STORAGE_URL", "s3://photos/prod/"),
        ("AWS_REGION", "eu-central-1"),
        ("AWS_SECRET_ACCESS_KEY", "hunter2"),
        ("GUEST_UPLOADS", "off"),
        ("PHOTO_QUOTA", "7"),
        ("UPLOADS_PER_MINUTE", "8"),
        ("SHUTDOWN_TIMEOUT", "30"),
        ("TRUSTED_PROXIES", "127.0.0.1, ::1,::ffff:10.0.0.7"),
        ("PONKA_SLEEP_MS", "1500"),
        ("FAULT_ADD_PONKA", "random:0.5"),
        ("FAULT_DELETE_FILE", "times:2"),
        ("FAULT_SMTP", "always"),
        ("LOG_FORMAT", "json"),
    ]);
    assert_eq!(config.http.bind.port(), 80);
    assert_eq!(config.http.default_uri, "https://ponka.example/gallery");
    let postgres = DatabaseUrl::Postgres(Secret::new("postgres://u:p@h/ponka"));
    assert_eq!(config.database_url, postgres);
    assert!(matches!(&config.mailer_dsn, MailerDsn::Smtp(server) if server.port == 465));
    let (bucket, prefix) = ("photos".to_owned(), "prod".to_owned());
    assert_eq!(config.photo_storage_url, PhotoStorageUrl::S3 { bucket, prefix });
    assert_eq!(config.aws.iter().count(), 2);
    let shown = format!("{config:?}");
    assert!(shown.contains("AWS_SECRET_ACCESS_KEY") && !shown.contains("hunter2"), "{shown}");
    assert!(!config.guest_uploads);
    let (photos, uploads_per_minute) = (Some(7), Some(8));
    assert_eq!(config.allowance, Allowance { photos, uploads_per_minute });
    let proxies: Vec<String> =
        config.http.trusted_proxies.iter().map(ToString::to_string).collect();
    assert_eq!(proxies, ["127.0.0.1", "::1", "10.0.0.7"]);
    let (end, work) = (config.shutdown_timeout.end(), config.shutdown_timeout.work());
    assert_eq!((end.as_secs(), work.as_secs()), (30, 28));
    assert_eq!(config.tutorial.ponka_sleep, Duration::from_millis(1500));
    assert_eq!(config.tutorial.add_ponka, Fault::Random(0.5));
    assert_eq!(
        (config.tutorial.delete_file, config.tutorial.smtp),
        (Fault::Times(2), Fault::Always)
    );
    assert_eq!(config.log.format, LogFormat::Json);
}

#[test]
fn prod_has_no_knobs_and_no_guests() {
    let config = config(&[
        ("APP_ENV", "prod"),
        ("APP_SECRET", SECRET),
        ("FAULT_SMTP", "always"),
        ("PONKA_SLEEP_MS", "soon"),
    ]);
    assert_eq!(config.tutorial, Tutorial::default());
    assert!(!config.guest_uploads);
}

#[test]
fn in_prod_uploads_have_limits_unless_they_are_lifted() {
    let prod = [("APP_ENV", "prod"), ("APP_SECRET", SECRET)];
    let (photos, uploads_per_minute) = (Some(500), Some(60));
    assert_eq!(config(&prod).allowance, Allowance { photos, uploads_per_minute });
    let lifted = [prod[0], prod[1], ("PHOTO_QUOTA", "0"), ("UPLOADS_PER_MINUTE", "0")];
    assert_eq!(config(&lifted).allowance, Allowance::default());
}

#[test]
fn prod_needs_a_secret_of_its_own() {
    let unset = refused(&[("APP_ENV", "prod")]);
    assert_eq!(unset, ["APP_SECRET=\"\": must be set in prod: 32 bytes or more, random"]);
    let short = refused(&[("APP_ENV", "prod"), ("APP_SECRET", "hunter2")]);
    assert_eq!(short, ["APP_SECRET=\"***\": too short (7 bytes); allowed: 32 bytes or more"]);
    let known = refused(&[("APP_ENV", "prod"), ("APP_SECRET", DEV_SECRET)]);
    assert!(known[0].starts_with("APP_SECRET=\"***\": everybody knows this one"));
}

#[test]
fn dev_listens_to_this_machine_only() {
    let message = "BIND=\"0.0.0.0:8000\": dev mode listens to this machine only; allowed: \
                   127.0.0.1:PORT, [::1]:PORT, or APP_ENV=prod";
    assert_eq!(refused(&[("BIND", "0.0.0.0:8000")]), [message]);
    assert!(config(&[("BIND", "[::1]:0")]).http.bind.is_ipv6());
    assert_eq!(config(&[("BIND", "localhost:81")]).http.bind.to_string(), "127.0.0.1:81");
}

#[test]
fn all_wrong_values_are_reported_at_once_without_their_secrets() {
    let found = refused(&[
        ("APP_ENV", "live"),
        ("BIND", "8000"),
        ("DEFAULT_URI", "ponka.example"),
        ("DATABASE_URL", "mysql://u:hunter2@h/x"),
        ("MESSENGER_TRANSPORT_DSN", "kafka:u:hunter2@h"),
        ("MAILER_DSN", "smtp:u:hunter2"),
        ("PHOTO_STORAGE_URL", "ftp:x"),
        ("GUEST_UPLOADS", "2"),
        ("DELETE_SLEEP_MS", "-1"),
        ("FAULT_DB_DELETE", "random:2"),
        ("PHOTO_QUOTA", "many"),
        ("UPLOADS_PER_MINUTE", "-1"),
        ("TRUSTED_PROXIES", "127.0.0.1,proxy"),
        ("LOG_FORMAT", "xml"),
    ]);
    assert_eq!(found[0], "APP_ENV=\"live\": allowed: dev, test or prod");
    assert!(found[4].starts_with("DATABASE_URL=\"mysql://u:***@h/x\": allowed: sqlite://PATH"));
    assert!(found[5].starts_with("MESSENGER_TRANSPORT_DSN=\"***\": allowed: a DSN"));
    assert_eq!(found.len(), 14);
    assert!(!found.concat().contains("hunter2"));
}

#[test]
fn a_database_in_memory_is_refused() {
    assert_eq!(refused(&[("DATABASE_URL", "sqlite://:memory:")]).len(), 1);
}

#[test]
fn faults_are_read() {
    assert_eq!("never".parse(), Ok(Fault::Never));
    for wrong in ["", "sometimes", "random:", "random:NaN", "times:-1", "times"] {
        assert!(wrong.parse::<Fault>().is_err(), "{wrong}");
    }
}

#[test]
fn a_configuration_can_be_printed() {
    let config = config(&[
        ("APP_SECRET", SECRET),
        ("DATABASE_URL", "postgres://u:hunter2@h/x"),
        ("MAILER_DSN", "smtp://u:hunter2@h"),
    ]);
    let shown = format!("{config:?}");
    assert!(!shown.contains(SECRET) && !shown.contains("hunter2"));
}
