//! The proof of the points ledger: random histories of everything that a program can be asked for,
//! each command answered, shown and booked as by a small reference that was written from the
//! documents. `docs/proof.md` says which property is shown where and how to run it for longer.

mod commands;
mod history;
mod properties;
mod reference;
mod sound;
mod world;

use crate::support::{Backend, TestApp, on_both_databases};
use history::History;
use std::path::Path;
use world::{Sweeping, World};

/// The most points that a wallet holds.
const MOST: i64 = (1 << 53) - 1;

on_both_databases!(histories_are_what_the_reference_says, what_was_found_once_stays_mended);

async fn histories_are_what_the_reference_says(backend: Backend) {
    history::all(4, History::any(40), async |history| {
        let app = TestApp::idle(backend).await;
        let mut world = World::open(&app, "model", &history.terms, Sweeping::InTime).await;
        world.live(&history).await;
    });
}

/// Histories that went wrong once, swept in time and not at all.
async fn what_was_found_once_stays_mended(backend: Backend) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/model/found");
    for entry in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let history: History = serde_json::from_str(&text).unwrap();
        for sweeping in [Sweeping::InTime, Sweeping::Late(0)] {
            let app = TestApp::idle(backend).await;
            let mut world = World::open(&app, "model", &history.terms, sweeping).await;
            world.live(&history).await;
        }
    }
}
