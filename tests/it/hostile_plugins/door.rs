//! What is refused before anybody runs it: nothing of it is installed, and who is there is served.
//! The words are tested where the files are read, in `plugins/host/tests/it/`.

use super::{apply, state, work};
use crate::support::{Backend, TestApp, on_both_databases, plugins};
use perennial_core::Code::{self, ComponentInvalid, ManifestInvalid};
use perennial_plugin_host::repack;
use wasm_encoder::{
    Component, ComponentSection, CustomSection, InstanceSection, MemorySection, MemoryType, Module,
    ModuleArg, ModuleSection,
};

on_both_databases!(what_is_refused_at_the_door_leaves_nothing_behind);

pub(super) struct Refused {
    /// For people.
    pub(super) does: &'static str,
    pub(super) code: Code,
    /// Part of what the operator reads.
    pub(super) says: &'static str,
    file: fn() -> Vec<u8>,
}

pub(super) const REFUSED: &[Refused] = &[
    Refused {
        does: "is no component",
        code: ComponentInvalid,
        says: "it is a core module, not a component",
        file: || b"\0asm\x01\0\0\0".to_vec(),
    },
    Refused {
        does: "is cut",
        code: ComponentInvalid,
        says: "cut or damaged",
        file: || sound()[..1000].to_vec(),
    },
    Refused {
        does: "is larger than a component may be",
        code: ComponentInvalid,
        says: "at most 2097152 are allowed",
        file: || [sound(), vec![0; 2 << 20]].concat(),
    },
    Refused {
        does: "has garbage for a manifest",
        code: ManifestInvalid,
        says: "line 1",
        file: || repack(&sound(), "\u{1}{{{{").unwrap(),
    },
    Refused {
        does: "has a text that is as long as a book",
        code: ManifestInvalid,
        says: "exceeds 16384 bytes",
        file: || plugins::unsigned(&[("body = \"Hello\"", &text(&"x".repeat(20_000)))]),
    },
    Refused {
        does: "has a text with brackets in brackets",
        code: ManifestInvalid,
        says: "a text has more than 100 opening brackets",
        file: || {
            let bomb = "{ ".repeat(1000);
            plugins::unsigned(&[(
                "[messages.greeting.en]\nsubject = \"Hello\"\nbody = \"Hello\"\n",
                &format!("[locales]\nen = \"greeting = {bomb}\"\n"),
            )])
        },
    },
    Refused {
        does: "was changed after it was signed",
        code: ComponentInvalid,
        says: "the file was changed after it was signed",
        file: || {
            let mut forged = plugins::signed(&[]);
            *forged.last_mut().unwrap() ^= 1;
            forged
        },
    },
    Refused {
        does: "was built for another version of the contract",
        code: ComponentInvalid,
        says: "this server runs plugins built with 0.1 and 0.2",
        file: || changed(b"perennial:sdk-version0.2.0", b"perennial:sdk-version7.2.0"),
    },
    Refused {
        does: "imports what nobody gives it",
        code: ComponentInvalid,
        says: "it imports `perennial:plugin/net@0.2.0`",
        file: || changed(b"perennial:plugin/log@", b"perennial:plugin/net@"),
    },
    Refused {
        does: "is of several components that call one another, and no plugin",
        code: ComponentInvalid,
        says: "it does not fit the plugin contract",
        file: || described(include_bytes!("../../plugins/hostile/composed.wasm")),
    },
    Refused {
        does: "has more memories than a plugin may have",
        code: ComponentInvalid,
        says: "contains 4 Wasm linear memories, which exceeds the configured maximum of 3",
        file: || described(&of_memories(4)),
    },
];

async fn what_is_refused_at_the_door_leaves_nothing_behind(backend: Backend) {
    let app = TestApp::idle(backend).await;
    app.offers(plugins::bundled("consumer-goods")).await;
    apply(&app, "shop", "[plugins.consumer-goods]\n").await;
    for Refused { does, code, says, file } in REFUSED {
        let error = app.loyalty.plugins().install(&file()).await.unwrap_err();
        assert_eq!(error.code(), *code, "{does}: {error}");
        assert!(error.message().contains(says), "{does}: {error}");
    }
    let offered = app.loyalty.plugins().offered().await.unwrap();
    assert_eq!(offered.keys().collect::<Vec<_>>(), ["consumer-goods"]);
    app.joins("shop", "ada").await.buys("order-1", "10.00").await.done();
    work(&app).await;
    assert_eq!(state(&app, "shop", "consumer-goods").await.handled, 1);
}

fn sound() -> Vec<u8> {
    plugins::unsigned(&[])
}

/// With all that a component says of itself.
fn described(component: &[u8]) -> Vec<u8> {
    let mut component = component.to_vec();
    let (name, data) = ("perennial:sdk-version".into(), b"0.2.0".into());
    CustomSection { name, data }.append_to_component(&mut component);
    let manifest = "id = \"made\"\nname = \"Made\"\nversion = \"1.0.0-dev\"\n";
    repack(&component, manifest).unwrap()
}

/// A component that does nothing, of so many modules with a memory of a page.
fn of_memories(number: u32) -> Vec<u8> {
    let mut memories = MemorySection::new();
    memories.memory(MemoryType {
        minimum: 1,
        maximum: None,
        memory64: false,
        shared: false,
        page_size_log2: None,
    });
    let mut module = Module::new();
    module.section(&memories);
    let mut component = Component::new();
    let mut instances = InstanceSection::new();
    for index in 0..number {
        component.section(&ModuleSection(&module));
        instances.instantiate(index, [] as [(&str, ModuleArg); 0]);
    }
    component.section(&instances);
    component.finish()
}

fn text(body: &str) -> String {
    format!("body = \"{body}\"")
}

/// With other bytes, of the same number, wherever these are.
fn changed(from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut wasm = sound();
    let places = wasm.windows(from.len()).enumerate().filter(|(_, bytes)| *bytes == from);
    let places: Vec<_> = places.map(|(place, _)| place).collect();
    assert!(!places.is_empty(), "{}", String::from_utf8_lossy(from));
    for place in places {
        wasm[place..place + to.len()].copy_from_slice(to);
    }
    wasm
}
