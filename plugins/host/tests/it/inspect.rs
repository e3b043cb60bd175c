//! What is refused before it is installed, and in which words.

use crate::support::{HELLO, component, host};
use perennial_core::Code;
use perennial_core::plugins::Runtime;
use perennial_plugin_host::repack;
use wasm_encoder::{
    ComponentImportSection, ComponentTypeRef, ComponentTypeSection, CustomSection, InstanceType,
};

const MANIFEST: &str = "id = \"made\"\nname = \"Made\"\nversion = \"1.0.0\"\n";

fn refusal(wasm: &[u8]) -> String {
    let error = host().inspect(wasm).unwrap_err();
    assert_eq!(error.code(), Code::ComponentInvalid, "{error:?}");
    error.message().to_owned()
}

/// A component made by hand, with an SDK version and a manifest.
fn made(sdk_version: &str, fill: impl FnOnce(&mut wasm_encoder::Component)) -> Vec<u8> {
    let mut made = wasm_encoder::Component::new();
    fill(&mut made);
    made.section(&CustomSection {
        name: "perennial:sdk-version".into(),
        data: sdk_version.as_bytes().into(),
    });
    repack(&made.finish(), MANIFEST).unwrap()
}

#[test]
fn files_that_are_no_plugins_are_told_apart() {
    for (file, why) in [
        (&b""[..], "it is not a WebAssembly component"),
        (b"PK\x03\x04", "it is not a WebAssembly component"),
        (b"\0asm\x01\0\0\0", "it is a core module, not a component"),
        (b"\0asm\x0d\0\x01\0", "it has no section `perennial:sdk-version`"),
    ] {
        assert!(refusal(file).ends_with(why), "{}", refusal(file));
    }
    assert!(refusal(&vec![0; (2 << 20) + 1]).contains("at most 2097152 are allowed"));
    let cut = &HELLO.wasm[..HELLO.wasm.len() - 1];
    assert!(refusal(cut).contains("cut or damaged"), "{}", refusal(cut));
}

#[test]
fn precompiled_code_is_refused() {
    let engine = wasmtime::Engine::default();
    let precompiled = engine.precompile_component(&HELLO.wasm).unwrap();
    assert!(refusal(&precompiled).contains("it is precompiled"));
}

#[test]
fn another_sdk_version_is_named_together_with_the_hosts() {
    let message = refusal(&made("0.3.1", |_| ()));
    let said = "perennial-sdk 0.3.1, this server runs plugins built with 0.1 and 0.2;";
    assert!(message.contains(said), "{message}");
}

#[test]
fn a_component_that_exports_no_handler_or_imports_something_foreign_is_refused() {
    for version in ["0.1.9", "0.2.9"] {
        let refused = refusal(&made(version, |_| ()));
        assert!(refused.contains("does not fit the plugin contract"), "{refused}");
    }
    let foreign = made("0.1.0", |made| {
        let mut types = ComponentTypeSection::new();
        types.instance(&InstanceType::new());
        made.section(&types);
        let mut imports = ComponentImportSection::new();
        imports.import("wasi:cli/environment@0.2.6", ComponentTypeRef::Instance(0));
        made.section(&imports);
    });
    assert!(refusal(&foreign).contains("it imports `wasi:cli/environment@0.2.6`"));
}

#[test]
fn a_broken_manifest_is_refused_by_its_line_and_another_one_is_read() {
    let error = host().inspect(&repack(&HELLO.wasm, "id = 1").unwrap()).unwrap_err();
    assert_eq!(error.code(), Code::ManifestInvalid);
    assert!(error.message().contains("line 1"), "{error}");
    let other = repack(&HELLO.wasm, MANIFEST).unwrap();
    assert_eq!(component(String::new(), &other).manifest.id, "made");
}
