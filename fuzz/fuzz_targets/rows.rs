//! Files of purchases: whatever the bytes, they are read as what they say or refused.

#![no_main]

#[allow(dead_code, unused_imports)]
#[path = "../../src/import/mod.rs"]
mod import;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| import::examine::examine_rows(bytes));
