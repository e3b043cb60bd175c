//! The custom sections that make a component one self-describing file: its manifest and the SDK
//! version it was built with.

use crate::signature;
use anyhow::{Context, Result, ensure};
use wasmparser::BinaryReader;

/// `plugin.toml`, as it is.
pub(crate) const MANIFEST: &str = "perennial:manifest";
/// The version of the SDK; written by its macro into the core module, lifted to the component by
/// `build`.
pub(crate) const SDK_VERSION: &str = "perennial:sdk-version";

/// Magic, version and layer of a core module and of a component.
pub(crate) const MODULE_HEADER: &[u8] = b"\0asm\x01\0\0\0";
pub(crate) const COMPONENT_HEADER: &[u8] = b"\0asm\x0d\0\x01\0";

/// The same component with another manifest. It is another file, which nobody has signed.
pub fn repack(wasm: &[u8], manifest_toml: &str) -> Result<Vec<u8>> {
    let mut repacked = without(&signature::without(wasm)?, MANIFEST)?;
    append(&mut repacked, MANIFEST, manifest_toml.as_bytes());
    Ok(repacked)
}

/// The content of the outermost custom section `name`, if there is one; fails when there are
/// several or the file is broken.
pub(crate) fn find<'wasm>(wasm: &'wasm [u8], name: &str) -> Result<Option<&'wasm [u8]>> {
    let mut found = all(wasm)?.into_iter().filter_map(|section| match section.custom {
        Some((its_name, content)) if its_name == name => Some(content),
        _ => None,
    });
    let first = found.next();
    ensure!(found.next().is_none(), "the section `{name}` appears twice");
    Ok(first)
}

/// Adds a custom section at the end, where both modules and components may have one.
pub(crate) fn append(wasm: &mut Vec<u8>, name: &str, content: &[u8]) {
    use wasm_encoder::ComponentSection;
    let section = wasm_encoder::CustomSection { name: name.into(), data: content.into() };
    section.append_to_component(wasm);
}

/// The same file without the outermost custom sections of that name.
pub(crate) fn without(wasm: &[u8], name: &str) -> Result<Vec<u8>> {
    let mut kept = wasm[..COMPONENT_HEADER.len().min(wasm.len())].to_vec();
    for section in all(wasm)? {
        if !section.is_custom(name) {
            kept.extend_from_slice(section.bytes);
        }
    }
    Ok(kept)
}

pub(crate) struct Section<'wasm> {
    /// With id and length.
    pub(crate) bytes: &'wasm [u8],
    custom: Option<(&'wasm str, &'wasm [u8])>,
}

impl Section<'_> {
    pub(crate) fn is_custom(&self, name: &str) -> bool {
        self.custom.is_some_and(|(its_name, _)| its_name == name)
    }
}

/// The outermost sections in their order, not validated any further.
pub(crate) fn all(wasm: &[u8]) -> Result<Vec<Section<'_>>> {
    ensure!(
        wasm.starts_with(COMPONENT_HEADER) || wasm.starts_with(MODULE_HEADER),
        "this is not a WebAssembly file"
    );
    let mut reader = BinaryReader::new(wasm, 0);
    reader.read_bytes(COMPONENT_HEADER.len())?;
    let mut sections = Vec::new();
    while !reader.eof() {
        let start = reader.current_position();
        sections.push(section(&mut reader, wasm, start).context("the file is cut or damaged")?);
    }
    Ok(sections)
}

fn section<'wasm>(
    reader: &mut BinaryReader<'wasm>,
    wasm: &'wasm [u8],
    start: usize,
) -> Result<Section<'wasm>> {
    const CUSTOM: u8 = 0;
    let id = reader.read_u8()?;
    let length = reader.read_var_u32()? as usize;
    let content = reader.read_bytes(length)?;
    let custom = if id == CUSTOM {
        let mut content = BinaryReader::new(content, 0);
        let name = content.read_string()?;
        let rest = content.read_bytes(content.bytes_remaining())?;
        Some((name, rest))
    } else {
        None
    };
    Ok(Section { bytes: &wasm[start..reader.current_position()], custom })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repacking_replaces_the_manifest_and_keeps_everything_else() {
        let mut wasm = COMPONENT_HEADER.to_vec();
        append(&mut wasm, SDK_VERSION, b"0.1.0");
        append(&mut wasm, MANIFEST, b"id = \"old\"");
        append(&mut wasm, "other", b"kept");
        let repacked = repack(&wasm, "id = \"new\"").unwrap();
        assert_eq!(find(&repacked, MANIFEST).unwrap(), Some(&b"id = \"new\""[..]));
        assert_eq!(find(&repacked, SDK_VERSION).unwrap(), Some(&b"0.1.0"[..]));
        assert_eq!(find(&repacked, "other").unwrap(), Some(&b"kept"[..]));
        assert_eq!(repack(&repacked, "id = \"new\"").unwrap(), repacked);
    }

    #[test]
    fn a_cut_file_or_a_section_twice_is_refused() {
        let mut wasm = COMPONENT_HEADER.to_vec();
        append(&mut wasm, MANIFEST, b"id = \"a\"");
        assert!(find(&wasm[..wasm.len() - 1], MANIFEST).is_err());
        append(&mut wasm, MANIFEST, b"id = \"b\"");
        assert!(find(&wasm, MANIFEST).unwrap_err().to_string().contains("twice"));
        assert!(find(b"PK\x03\x04", MANIFEST).is_err());
        assert!(find(b"", MANIFEST).is_err());
    }
}
