//! The environment through its front door: variables and files in, configuration or errors out.

mod env_files;
mod mail;
mod variables;

use std::collections::BTreeMap;

fn vars(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}
