//! Starting with something wrong: the program says what, and where, and changes nothing.

use messenger::config::ConfigLoader;
use ponka::config::Config;
use ponka::kernel::Kernel;

use crate::support::TestDatabase;

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
