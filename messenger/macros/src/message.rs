//! The implementation of `Message` for one type.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Error, Ident, Path, Result};

use crate::attributes::Attributes;

pub(crate) fn expand(input: &DeriveInput) -> Result<TokenStream> {
    let Attributes { name, groups, library } = Attributes::read(&input.attrs)?;
    if let Data::Union(data) = &input.data {
        return Err(Error::new(data.union_token.span, "a message is a struct or an enum"));
    }
    if let Some(first) = input.generics.params.first() {
        let message = "a message has no parameters: it owns what it says, and one name is one type";
        return Err(Error::new(first.span(), message));
    }
    let (message, library) = (&input.ident, library.map_or(quote!(::messenger), |at| quote!(#at)));
    let name = name.map_or_else(|| message.to_string(), |name| name.value());
    let names = groups.iter().map(last).collect::<Result<Vec<_>>>()?;
    let names = names.iter().map(ToString::to_string);
    let marked = groups.iter().map(
        |group| quote_spanned!(group.span()=> #[automatically_derived] impl #group for #message {}),
    );
    Ok(quote! {
        #(#marked)*

        const _: fn() = || {
            #({
                fn has<T: #groups + ?Sized>() {}
                has::<#message>();
            })*
        };

        #[automatically_derived]
        impl #library::Message for #message {
            const NAME: &'static str = #name;
            const INTERFACES: &'static [#library::Interface] = &[#(#library::Interface(#names)),*];
        }
    })
}

/// The name of a group: that of its trait, without the module.
fn last(group: &Path) -> Result<&Ident> {
    group
        .segments
        .last()
        .map(|segment| &segment.ident)
        .ok_or_else(|| Error::new(group.span(), "a group is the name of a trait"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(input: &str) -> String {
        expand(&syn::parse_str(input).expect("this is Rust"))
            .map_or_else(|error| error.to_string(), |tokens| tokens.to_string().replace(' ', ""))
    }

    #[test]
    fn the_name_of_the_type_is_the_default() {
        let made = expanded("struct SendInvoice { customer: u32 }");
        assert!(made.contains("impl::messenger::MessageforSendInvoice"), "{made}");
        assert!(made.contains(r#"NAME:&'staticstr="SendInvoice""#), "{made}");
        assert!(made.contains("INTERFACES:&'static[::messenger::Interface]=&[]"), "{made}");
    }

    #[test]
    fn name_groups_and_library_can_be_said() {
        let made = expanded(
            r#"#[message(name = "App\\Go", groups = [Async, crate::Urgent], crate = bus)] enum Go { Now }"#,
        );
        assert!(made.contains(r#"="App\\Go""#), "{made}");
        assert!(made.contains("implAsyncforGo{}"), "{made}");
        assert!(made.contains("implcrate::UrgentforGo{}"), "{made}");
        assert!(made.contains(r#"&[bus::Interface("Async"),bus::Interface("Urgent")]"#), "{made}");
    }

    #[test]
    fn what_cannot_be_is_refused_with_a_sentence() {
        for (input, expected) in [
            ("union U { a: u8 }", "a message is a struct or an enum"),
            (
                "struct Of<T>(T);",
                "a message has no parameters: it owns what it says, and one name is one type",
            ),
            (
                "struct Of<'a>(&'a str);",
                "a message has no parameters: it owns what it says, and one name is one type",
            ),
            (r#"#[message(nam = "x")] struct M;"#, "known keys: name, groups, crate"),
            (r#"#[message(name = "")] struct M;"#, "a message needs a name"),
            (r#"#[message(name = "a", name = "b")] struct M;"#, "this is said twice"),
            ("#[message(name = 1)] struct M;", "expected string literal"),
            ("#[message(groups = Async)] struct M;", "expected square brackets"),
        ] {
            assert_eq!(expanded(input), expected, "{input}");
        }
    }
}
