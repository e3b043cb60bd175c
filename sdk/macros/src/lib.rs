//! The attribute that turns a Rust type into a Perennial plugin. Use it through `perennial-sdk`.

use proc_macro::TokenStream;
use quote::quote;
use syn::{Error, ItemImpl, parse_macro_input};

/// Exports the implementation of `Plugin` that it stands above as the crate's plugin.
///
/// The exports exist in the WebAssembly build only, so that the crate builds and tests natively
/// like any other.
#[proc_macro_attribute]
pub fn plugin(arguments: TokenStream, item: TokenStream) -> TokenStream {
    if !arguments.is_empty() {
        let message = "the attribute takes no arguments; the manifest is plugin.toml";
        return Error::new(proc_macro2::Span::call_site(), message).to_compile_error().into();
    }
    let item = parse_macro_input!(item as ItemImpl);
    if let Err(error) = check(&item) {
        let error = error.to_compile_error();
        return quote! { #item #error }.into();
    }
    let plugin = &item.self_ty;
    let package = package(plugin);
    quote! {
        #item

        #package

        // A native build exports nothing, and would report all of the plugin as unused.
        #[cfg(not(target_arch = "wasm32"))]
        const _: fn() = ::perennial_sdk::__private::check::<#plugin>;

        #[cfg(target_arch = "wasm32")]
        const _: () = {
            type Exported = ::perennial_sdk::__private::Exported<#plugin>;
            ::perennial_sdk::__private::export!(
                Exported with_types_in ::perennial_sdk::bindings
            );

            #[used]
            #[unsafe(link_section = "perennial:sdk-version")]
            static SDK_VERSION: [u8; ::perennial_sdk::__private::SDK_VERSION.len()] =
                ::perennial_sdk::__private::SDK_VERSION;
        };
    }
    .into()
}

/// What the tests of a plugin know of its crate. A crate without a manifest, such as an example in
/// documentation, has none; it is the build of its component that says what is missing.
fn package(plugin: &syn::Type) -> Option<proc_macro2::TokenStream> {
    let folder = std::env::var_os("CARGO_MANIFEST_DIR")?;
    if !std::path::Path::new(&folder).join("plugin.toml").is_file() {
        return None;
    }
    Some(quote! {
        #[cfg(not(target_arch = "wasm32"))]
        impl ::perennial_sdk::testing::Package for #plugin {
            const MANIFEST: &str =
                ::core::include_str!(::core::concat!(::core::env!("CARGO_MANIFEST_DIR"), "/plugin.toml"));
            const FOLDER: &str = ::core::env!("CARGO_MANIFEST_DIR");
        }
    })
}

fn check(item: &ItemImpl) -> Result<(), Error> {
    let is_plugin = |path: &syn::Path| path.segments.last().is_some_and(|it| it.ident == "Plugin");
    match &item.trait_ {
        Some((None, path, _)) if is_plugin(path) => {}
        _ => return Err(Error::new_spanned(&item.self_ty, "put this on an `impl Plugin for …`")),
    }
    if item.generics.params.is_empty() {
        Ok(())
    } else {
        let message = "a plugin cannot be generic: nothing would choose the type";
        Err(Error::new_spanned(&item.generics, message))
    }
}
