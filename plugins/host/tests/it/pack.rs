//! From a component that another language's tools made to a plugin that works.

use crate::made::{Does, bare, typed_module};
use crate::support::{
    HELLO, HOSTILE, component, context, host, member, nothing_known, purchase_recorded, repository,
};
use perennial_core::plugins::{Effect, Reason, Runtime};
use perennial_plugin_host::{Built, pack};
use serde_json::json;
use std::fs;

const MANIFEST: &str = "id = \"made\"\nname = \"Made\"\nversion = \"1.0.0-dev\"\n\
                        subscribes = [\"purchase-recorded\"]\n\
                        capabilities = { messages = true, points-per-event-max = 1 }\n";
const TEXTS: &str = "thanks =\n    .subject = Thank you\n    .body = Thank you\n";

/// Packs `file` with a manifest and a text, in a folder of the test's own.
fn packed(test: &str, file: &[u8], manifest: &str) -> anyhow::Result<(Built, Vec<u8>)> {
    let folder = repository().join("target/plugins-build/packed").join(test);
    fs::create_dir_all(folder.join("locales"))?;
    fs::write(folder.join("plugin.toml"), manifest)?;
    fs::write(folder.join("locales/en.ftl"), TEXTS)?;
    let built = pack(&host(), file, &folder, &folder.join("out"))?;
    let wasm = fs::read(&built.path)?;
    Ok((built, wasm))
}

#[tokio::test]
async fn a_component_or_its_module_becomes_a_plugin_that_works() {
    let module = typed_module(&HOSTILE.wasm, Does::Award);
    let packed = |file: &[u8]| packed("sound", file, MANIFEST).unwrap();
    let (of_module, wasm) = packed(&module);
    assert_eq!((of_module.id.as_str(), of_module.version.as_str()), ("made", "1.0.0-dev"));
    assert!(of_module.path.ends_with("made.wasm"), "{of_module:?}");
    let (of_component, _) = packed(&bare(&module));
    assert_eq!(of_module.digest, of_component.digest);
    let (again, _) = packed(&wasm);
    assert_eq!(again.digest, of_module.digest, "what is packed can be packed again");

    let plugin = component(of_module.digest, &wasm);
    assert!(plugin.manifest.templates().contains("thanks"), "its texts are inside");
    let run = host()
        .on_event(
            &plugin,
            &context(json!({})),
            Some(&member()),
            &purchase_recorded(),
            &nothing_known(),
        )
        .await
        .unwrap();
    let award = Effect::AwardPoints { points: 1, reason: Reason::Text("made".to_owned()) };
    assert_eq!(run.output[0].effect, award);
}

#[test]
fn what_is_no_plugin_is_refused_and_says_why() {
    let refused = |file: &[u8], manifest| {
        let error = packed("refused", file, manifest).unwrap_err();
        format!("{error:#}")
    };
    let no_component = refused(b"PK\x03\x04", MANIFEST);
    assert!(no_component.contains("this is not a WebAssembly file"), "{no_component}");
    let untyped = refused(b"\0asm\x01\0\0\0", MANIFEST);
    assert!(untyped.contains("exports 0 handlers of plugins"), "{untyped}");
    let empty = refused(b"\0asm\x0d\0\x01\0", MANIFEST);
    assert!(empty.contains("exports 0 handlers of plugins"), "{empty}");
    let wrong = refused(&HELLO.wasm, "id = 1");
    assert!(wrong.contains("line 1"), "{wrong}");
}
