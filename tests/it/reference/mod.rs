//! Pages of `docs/` that operators look things up in: each is complete, and says what the code says.

mod errors;
mod keys;
mod metrics;

use std::path::{Path, PathBuf};

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}
