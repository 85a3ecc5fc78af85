#![doc = include_str!("../README.md")]

mod attributes;
mod message;

use proc_macro::TokenStream;

/// Implements `Message`: the wire name and the groups. See the front page of this package.
#[proc_macro_derive(Message, attributes(message))]
pub fn derive_message(input: TokenStream) -> TokenStream {
    let input = syn::parse_macro_input!(input as syn::DeriveInput);
    message::expand(&input).unwrap_or_else(syn::Error::into_compile_error).into()
}
