//! Builds of the clone are its own, although it shares the target directory.
//!
//! Cargo tells builds of the same package apart by the profile, not by the folder: it would take
//! those of the clone for those of the repository, and the other way round. Profiles that differ in
//! something that nobody notices keep them apart; what both depend on is still built once.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::Result;

use crate::scratch::files;

/// No reader of the walkthrough opens a debugger, and builds without its data are faster.
const PROFILE: &str = "debug = false";

/// Writes the profiles of the clone's packages where Cargo looks for them: in a folder above it.
pub(crate) fn keep_apart(clone: &Path) -> Result<()> {
    let Some(above) = clone.parent() else { return Ok(()) };
    let mut profiles = String::new();
    for manifest in files(clone)?.iter().filter(|path| path.ends_with("Cargo.toml")) {
        if let Some(name) = package_name(&fs::read_to_string(clone.join(manifest))?) {
            writeln!(profiles, "[profile.dev.package.{name}]\n{PROFILE}")?;
        }
    }
    fs::create_dir_all(above.join(".cargo"))?;
    fs::write(above.join(".cargo/config.toml"), profiles)?;
    Ok(())
}

fn package_name(manifest: &str) -> Option<&str> {
    let mut lines = manifest.lines().skip_while(|line| line.trim() != "[package]");
    let name = lines.find_map(|line| line.strip_prefix("name = \""))?;
    name.split('"').next()
}
