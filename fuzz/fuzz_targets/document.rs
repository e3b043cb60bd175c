//! The admission of documents: whatever the bytes, its promises hold.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| perennial_graphql::examine_document(bytes));
