//! Who a component is signed by, and what is no signature of it.

use crate::support::{HELLO, host};
use data_encoding::BASE64URL_NOPAD;
use ed25519_dalek::{Signer, SigningKey};
use perennial_core::Code;
use perennial_core::plugins::{Inspected, Runtime};
use perennial_plugin_host::{repack, sign};
use wasm_encoder::{ComponentSection, CustomSection};

const SECTION: &str = "perennial:signature";

fn ann() -> SigningKey {
    SigningKey::from_bytes(&[1; 32])
}

fn name(key: &SigningKey) -> String {
    BASE64URL_NOPAD.encode(key.verifying_key().as_bytes())
}

fn signed_by(wasm: &[u8]) -> Option<String> {
    let Inspected { manifest, signed_by } = host().inspect(wasm).unwrap();
    assert_eq!(manifest.name, "Hello");
    signed_by
}

fn refusal(wasm: &[u8]) -> String {
    let error = host().inspect(wasm).unwrap_err();
    assert_eq!(error.code(), Code::ComponentInvalid, "{error:?}");
    error.message().to_owned()
}

/// With a section of that name and content at the end.
fn with(wasm: &[u8], name: &str, content: &[u8]) -> Vec<u8> {
    let mut wasm = wasm.to_vec();
    CustomSection { name: name.into(), data: content.into() }.append_to_component(&mut wasm);
    wasm
}

/// The content of a signature that `sign` has made of a file.
fn content(signed: &[u8]) -> &[u8] {
    &signed[signed.len() - (1 + 32 + 64)..]
}

#[test]
fn a_signature_names_its_key_and_another_takes_its_place() {
    assert_eq!(signed_by(&HELLO.wasm), None);
    let signed = sign(&HELLO.wasm, &ann()).unwrap();
    assert_eq!(signed_by(&signed), Some(name(&ann())));
    assert_eq!(sign(&signed, &ann()).unwrap(), signed, "the same again is the same");
    let bob = SigningKey::from_bytes(&[2; 32]);
    assert_eq!(signed_by(&sign(&signed, &bob).unwrap()), Some(name(&bob)));
    let manifest = "id = \"hello\"\nname = \"Hello\"\nversion = \"9.0.0\"\n";
    assert_eq!(signed_by(&repack(&signed, manifest).unwrap()), None, "it is another file");
}

#[test]
fn what_was_changed_after_it_was_signed_is_refused() {
    let signed = sign(&HELLO.wasm, &ann()).unwrap();
    let of_this_file =
        "its signature is not of this file: the file was changed after it was signed";
    // A byte of a name in the code, of the key and of the signature.
    let readable = signed.windows(5).position(|bytes| bytes == b"hello").unwrap();
    let end = signed.len();
    for at in [readable, end - 96, end - 80, end - 64, end - 1] {
        let mut changed = signed.clone();
        changed[at] ^= 1;
        assert!(refusal(&changed).contains(of_this_file), "{at}: {}", refusal(&changed));
    }
    // What a publisher signed of one file, behind another.
    let manifest = "id = \"hello\"\nname = \"Hello\"\nversion = \"9.0.0\"\n";
    let other = repack(&HELLO.wasm, manifest).unwrap();
    assert!(refusal(&with(&other, SECTION, content(&signed))).contains(of_this_file));
    // What somebody else signed, under the publisher's name.
    let mut stolen =
        content(&sign(&HELLO.wasm, &SigningKey::from_bytes(&[2; 32])).unwrap()).to_vec();
    stolen[1..33].copy_from_slice(ann().verifying_key().as_bytes());
    assert!(refusal(&with(&HELLO.wasm, SECTION, &stolen)).contains(of_this_file));
    // The publisher's signature of these bytes for another purpose.
    let mut elsewhere = content(&signed).to_vec();
    elsewhere[33..].copy_from_slice(&ann().sign(&HELLO.wasm).to_bytes());
    assert!(refusal(&with(&HELLO.wasm, SECTION, &elsewhere)).contains(of_this_file));
    // A key of which anybody can make signatures of anything.
    let mut weak = vec![1];
    weak.extend_from_slice(&[1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    weak.extend_from_slice(&[0; 16]);
    weak.extend_from_slice(&[1]);
    weak.extend_from_slice(&[0; 63]);
    assert!(refusal(&with(&HELLO.wasm, SECTION, &weak)).contains(of_this_file));
}

#[test]
fn a_signature_stands_last_and_once_and_in_one_form() {
    let signed = sign(&HELLO.wasm, &ann()).unwrap();
    let content = content(&signed).to_vec();
    let twice = with(&signed, SECTION, &content);
    assert!(refusal(&twice).contains("the section `perennial:signature` appears twice"));
    let behind = with(&signed, "other", b"harmless");
    assert!(refusal(&behind).contains("there is something behind its signature"));
    for rest in [&b"\0"[..], b"\x00\x01", b"\x00\x00", b"more"] {
        let trailing = [&signed[..], rest].concat();
        assert!(refusal(&trailing).contains("this file cannot be installed"), "{rest:?}");
    }
    for (changed, why) in [
        (Vec::new(), "its signature is empty"),
        (content[..20].to_vec(), "its signature is cut"),
        (content[..90].to_vec(), "its signature is not of this file"),
        ([&content[..], b"\0"].concat(), "its signature is not of this file"),
        ([b"\x02", &content[1..]].concat(), "a form that this version does not know"),
    ] {
        let message = refusal(&with(&HELLO.wasm, SECTION, &changed));
        assert!(message.contains(why), "{why}: {message}");
    }
    // The same section with a longer form of its name's length.
    let mut padded = HELLO.wasm.to_vec();
    let length = u8::try_from(2 + SECTION.len() + content.len()).unwrap();
    assert!(length < 0x80, "one byte of LEB128");
    padded.extend_from_slice(&[0, length]);
    padded.extend_from_slice(&[0x80 | u8::try_from(SECTION.len()).unwrap(), 0]);
    padded.extend_from_slice(SECTION.as_bytes());
    padded.extend_from_slice(&content);
    assert!(
        refusal(&padded).contains("not in the form that `sign` gives it"),
        "{}",
        refusal(&padded)
    );
}
