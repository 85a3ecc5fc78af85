//! Starting with something wrong: the program says what, and where, and changes nothing.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use messenger::config::ConfigLoader;
use ponka::config::Config;
use ponka::kernel::Kernel;

use crate::accounts::PASSWORD;
use crate::claims::process::Running;
use crate::console::project::Project;
use crate::support::{TestDatabase, Visitor, photos};

const MESSENGER_TOML: &str = include_str!("../../messenger.toml");

/// What the application says when it is put together with these.
fn refusal(database_url: &str, messenger_toml: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let variables = [
        ("APP_ENV", "test".to_owned()),
        ("DATABASE_URL", database_url.to_owned()),
        ("PHOTO_STORAGE_URL", format!("file:{}", folder.path().join("uploads").display())),
    ];
    let variables = variables.map(|(name, value)| (name.to_owned(), value)).into();
    let config = Config::from_vars(&variables).unwrap();
    let lookup =
        |name: &str| (name == "MESSENGER_TRANSPORT_DSN").then(|| "doctrine://default".into());
    let loaded = ConfigLoader::new(&lookup).text("messenger.toml", messenger_toml).load();
    let messenger_config = match loaded {
        Ok(loaded) => loaded,
        Err(error) => return error.to_string(),
    };
    match Kernel::assemble(config, messenger_config, messenger::clock::Clock::System) {
        Ok(_) => "started".to_owned(),
        Err(error) => format!("{error:#}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_messenger_toml_is_named_with_key_line_and_what_is_allowed() {
    let database = TestDatabase::sqlite();
    assert_eq!(refusal(&database.url, MESSENGER_TOML), "started");
    for (old, new, parts) in [
        ("AsyncMessage = \"async\"", "AsyncMessage = \"asnyc\"", vec!["asnyc", "async"]),
        ("AsyncMessage = \"async\"", "AsnycMessage = \"async\"", vec!["AsnycMessage"]),
        ("[\"audit\", \"transaction\"]", "[\"adit\"]", vec!["adit", "audit"]),
        ("[transports]", "[transprots]", vec!["transprots", "transports"]),
        ("queue_name = \"high\"", "queue_nam = \"high\"", vec!["queue_nam", "queue_name"]),
        ("external_json", "xml", vec!["xml", "external_json"]),
        ("doctrine://default?queue_name=failed", "carrier-pigeon://", vec!["carrier-pigeon"]),
        ("doctrine://default?queue_name=failed", "doctrine://other", vec!["other", "default"]),
        ("${MESSENGER_TRANSPORT_DSN}", "${NOBODY_SET_THIS}", vec!["NOBODY_SET_THIS"]),
        ("failure_transport = \"failed\"", "failure_transport = \"fialed\"", vec!["fialed"]),
        ("default_bus = \"command.bus\"", "default_bus = \"comand.bus\"", vec!["comand.bus"]),
        ("[routing]", "[routing", vec!["messenger.toml"]),
    ] {
        let said = refusal(&database.url, &MESSENGER_TOML.replace(old, new));
        for part in parts {
            assert!(said.contains(part), "{new}: {part} is not in {said}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_is_gone_at_start_is_named_without_its_password() {
    let began = std::time::Instant::now();
    let said = refusal("postgres://ponka:s3cret@127.0.0.1:1/ponka", MESSENGER_TOML);
    assert!(said.contains("127.0.0.1:1") && !said.contains("s3cret"), "{said}");
    assert!(began.elapsed().as_secs() < 5, "{:?}", began.elapsed());
    let folder = tempfile::tempdir().unwrap();
    let said = refusal(&format!("sqlite://{}", folder.path().display()), MESSENGER_TOML);
    assert!(said.contains(&folder.path().display().to_string()), "{said}");
}

/// The same command, under what `ulimit` allows.
fn limited(limit: &str, command: &Command) -> Command {
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", &format!("umask 022; ulimit {limit} && exec \"$@\""), "sh"]);
    shell.arg(command.get_program()).args(command.get_args());
    shell.current_dir(command.get_current_dir().unwrap()).env_clear();
    shell.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    shell
}

/// What a program says that ends at once, with code 1.
fn refused(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert_eq!(output.status.code(), Some(1), "{command:?}: {said}");
    assert!(!said.contains("panicked") && !said.contains("overflow"), "{said}");
    said
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r10_with_too_little_to_work_with_a_sentence_says_which_limit_to_raise() {
    let project = Project::new();
    let programs = [
        project.gallery("--no-worker"),
        project.gallery(""),
        project.command("messenger:consume async --time-limit=1"),
        project.command("doctor"),
    ];
    let limits = ["-n 8", "-n 24", "-v 300000", "-v 400000", "-d 100000", "-d 300000"];
    for limit in limits {
        for program in &programs {
            let said = refused(&mut limited(limit, program));
            let option = limit.split(' ').next().unwrap();
            assert!(said.contains(&format!("(ulimit {option}")), "{limit}: {said}");
            assert!(said.trim().lines().count() <= 4, "{limit}: {said}");
        }
    }
}

/// As much as a sentence asks for is enough.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r10_with_as_much_as_is_asked_for_the_gallery_opens() {
    let project = Project::new();
    let gallery = project.gallery("");
    for (little, option, unit) in [("-n 24", "-n", 1), ("-v 300000", "-v", 1024)] {
        let said = refused(&mut limited(little, &gallery));
        let asked_for = said.split(" are needed").next().and_then(|said| said.rsplit(' ').next());
        let asked_for = asked_for.and_then(|number| number.parse::<u64>().ok());
        let needed =
            asked_for.unwrap_or_else(|| panic!("{little}: it asks for nothing: {said}")) * unit;
        let mut open = Running::start(&mut limited(&format!("{option} {needed}"), &gallery));
        let visitor = Visitor::new(open.address());
        assert_eq!(visitor.get("/readyz").await.status, 200, "{option} {needed}");
        visitor.upload_one("cat.jpg", &photos::cat()).await;
        let lines = open.stop();
        assert!(!lines.iter().any(|line| line.contains("panicked")), "{lines:#?}");
    }
}

#[test]
fn s7_outside_prod_the_gallery_is_for_this_machine_only() {
    let project = Project::new();
    for app_env in ["dev", "test"] {
        for uri in ["https://photos.example.org", "http://10.0.0.7:8000", "http://evil-localhost"] {
            let mut gallery = project.gallery("--no-worker");
            let said = refused(gallery.args(["--env", app_env]).env("DEFAULT_URI", uri));
            let parts = ["DEFAULT_URI", uri, app_env, "APP_ENV=prod"];
            assert!(parts.iter().all(|part| said.contains(part)), "{said}");
        }
        let gallery = project.gallery("");
        let mut gallery = Command::new(gallery.get_program());
        gallery.current_dir(project.path(".")).env_clear();
        let said = refused(gallery.args(["--env", app_env, "--bind", "0.0.0.0:0"]));
        let parts = ["BIND", "0.0.0.0:0", app_env, "APP_ENV=prod"];
        assert!(parts.iter().all(|part| said.contains(part)), "{said}");
    }
    for uri in ["http://localhost:8000/home", "http://[::1]:8000", "http://photos.localhost"] {
        let mut gallery = project.gallery("--no-worker");
        let mut gallery = Running::start(gallery.env("DEFAULT_URI", uri));
        gallery.address();
        gallery.kill();
    }
}

/// Everything in a folder, with its permissions.
fn modes(path: &Path, found: &mut Vec<(String, u32)>) {
    let mode = path.symlink_metadata().unwrap().permissions().mode() & 0o777;
    found.push((path.display().to_string(), mode));
    for entry in path.read_dir().into_iter().flatten().flatten() {
        modes(&entry.path(), found);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s8_what_the_programs_write_is_nobody_elses_to_read() {
    let project = Project::new();
    let plain = project.gallery("");
    let mut gallery = Running::start(&mut limited("-n 1024", &plain));
    let visitor = Visitor::new(gallery.address());
    visitor.upload_one("cat.jpg", &photos::cat()).await;
    visitor.register("Vera", "vera@example.com", PASSWORD).await;
    let mails = "/dev/mailbox/api/messages?to=vera@example.com&wait=20";
    let mails = visitor.get(mails).await.json();
    visitor.get(&format!("/dev/mailbox/{}", mails["items"][0]["id"].as_str().unwrap())).await;
    gallery.stop();
    let mut found = Vec::new();
    modes(&project.path("var"), &mut found);
    modes(&project.path("uploads"), &mut found);
    for name in ["p.sqlite", "messenger.log", ".eml", ".json", ".seen", "media/"] {
        assert!(found.iter().any(|(path, _)| path.contains(name)), "{name}: {found:#?}");
    }
    for (path, mode) in found {
        assert_eq!(mode & 0o077, 0, "{path} has {mode:o}");
    }

    // As an older version has left them.
    assert!(!project.console("doctor").out.contains("privacy"));
    for (path, mode) in [(".", 0o755), ("var", 0o755), ("var/p.sqlite", 0o644)] {
        let mode = Permissions::from_mode(mode);
        std::fs::set_permissions(project.path(path), mode).unwrap();
    }
    let said = project.console("doctor");
    let told = "others on this machine can read var/p.sqlite; run \"chmod -R go= var/p.sqlite\"";
    assert!(said.out.contains(" WARN  privacy") && said.out.contains(told), "{said:?}");
    assert_eq!(said.code, Some(0));
}
