//! What `#[message(…)]` says.

use syn::punctuated::Punctuated;
use syn::{Attribute, Error, LitStr, Path, Result, Token, bracketed};

const KEYS: &str = "known keys: name, groups, crate";

#[derive(Default)]
pub(crate) struct Attributes {
    pub(crate) name: Option<LitStr>,
    pub(crate) groups: Vec<Path>,
    pub(crate) library: Option<Path>,
}

impl Attributes {
    pub(crate) fn read(attributes: &[Attribute]) -> Result<Self> {
        let mut read = Self::default();
        for attribute in attributes.iter().filter(|one| one.path().is_ident("message")) {
            attribute.parse_nested_meta(|meta| {
                let is = |key| meta.path.is_ident(key);
                if is("name") && read.name.is_none() {
                    let name: LitStr = meta.value()?.parse()?;
                    if name.value().is_empty() {
                        return Err(Error::new(name.span(), "a message needs a name"));
                    }
                    read.name = Some(name);
                } else if is("groups") && read.groups.is_empty() {
                    let list;
                    let value = meta.value()?;
                    bracketed!(list in value);
                    let groups = Punctuated::<Path, Token![,]>::parse_terminated(&list)?;
                    read.groups = groups.into_iter().collect();
                } else if is("crate") && read.library.is_none() {
                    read.library = Some(meta.value()?.parse()?);
                } else if is("name") || is("groups") || is("crate") {
                    return Err(meta.error("this is said twice"));
                } else {
                    return Err(meta.error(KEYS));
                }
                Ok(())
            })?;
        }
        Ok(read)
    }
}
