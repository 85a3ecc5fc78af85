//! Each layer of `src/` uses only itself and those below it.

use std::fs;
use std::path::{Path, PathBuf};

/// Lowest first. Modules of one row may use each other.
const LAYERS: [&[&str]; 11] = [
    &[
        "config",
        "descriptors",
        "mail_address",
        "migrations",
        "process_limits",
        "process_setup",
        "schema",
    ],
    &["entity", "message"],
    &[
        "darkroom",
        "fault",
        "live_feed",
        "mailer",
        "password",
        "photo",
        "photo_storage",
        "repository",
        "sweep",
        "template_files",
        "watched",
    ],
    &["codec", "handler", "middleware", "upkeep"],
    &["http"],
    &["controller"],
    &["developer"],
    &["kernel"],
    &["telemetry"],
    &["console", "embedded_worker", "server"],
    &["main", "bin", "lib"],
];

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        match path.is_dir() {
            true => files(&path, found),
            false if path.extension().is_some_and(|extension| extension == "rs") => {
                found.push(path)
            }
            false => {}
        }
    }
}

/// The modules that a file names with `crate::`.
fn named(text: &str) -> impl Iterator<Item = &str> {
    text.split("crate::").skip(1).filter_map(|rest| {
        rest.split(|c: char| !c.is_alphanumeric() && c != '_')
            .next()
            .filter(|name| !name.is_empty())
    })
}

#[test]
fn no_layer_names_one_above_it() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let rank = |name: &str| LAYERS.iter().position(|layer| layer.contains(&name));
    let lib = fs::read_to_string(source.join("lib.rs")).unwrap();
    for module in lib.lines().filter_map(|line| line.strip_prefix("pub mod ")) {
        assert!(rank(module.trim_end_matches(';')).is_some(), "{module} belongs to which layer?");
    }
    let mut all = Vec::new();
    files(&source, &mut all);
    let mut wrong = Vec::new();
    for file in all {
        let relative = file.strip_prefix(&source).unwrap().with_extension("");
        let own = relative.iter().next().unwrap().to_string_lossy().into_owned();
        let text = fs::read_to_string(&file).unwrap();
        for used in named(&text) {
            let upwards = rank(used).zip(rank(&own)).is_some_and(|(used, own)| used > own);
            if upwards || (own == "controller" && used == "handler") {
                wrong.push(format!("{} uses crate::{used}", relative.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What may name the gallery in the library: the packages and our tests' settings, and what earlier
/// versions wrote.
const EXCEPTIONS: [&str; 4] = ["ponka-messenger", "PONKA_TEST_", "X-Ponka-", "ponka_do_not_keep"];

/// A line that names one of these words.
fn naming<'a>(text: &'a str, words: &[&str]) -> impl Iterator<Item = &'a str> {
    text.lines().filter(move |line| {
        let rest = EXCEPTIONS.iter().fold(line.to_string(), |rest, word| rest.replace(word, ""));
        words.iter().any(|word| rest.to_lowercase().contains(word))
    })
}

#[test]
fn the_library_knows_neither_the_gallery_nor_who_prints_its_words() {
    let library = Path::new(env!("CARGO_MANIFEST_DIR")).join("messenger");
    let packages: [(&str, &[&str]); 4] = [
        ("core", &["ponka", "gallery", "console"]),
        ("doctrine", &["ponka", "gallery", "console"]),
        ("console", &["ponka", "gallery"]),
        ("contract", &["ponka", "gallery"]),
    ];
    let mut wrong = Vec::new();
    for (package, words) in packages {
        let mut all = vec![library.join(package).join("README.md")];
        for folder in ["src", "examples", "benches"].map(|name| library.join(package).join(name)) {
            if folder.is_dir() {
                files(&folder, &mut all);
            }
        }
        for file in all {
            let text = fs::read_to_string(&file).unwrap();
            let found = naming(&text, words).map(|line| format!("{}: {line}", file.display()));
            wrong.extend(found);
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
