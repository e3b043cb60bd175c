//! Faults under load: killed, frozen, cut off from the database, a disk that is full, requests that
//! come twice and in another order, plugins at work. Whatever was answered is there exactly once,
//! whatever was not is settled by sending it again with the same keys, and nobody mends anything by
//! hand.
//!
//! `make faults` does each of them many times; `docs/proof.md` lists them.

mod database;
mod duplicates;
mod frozen;
mod full_disk;
mod importing;
mod killed;
mod load;
mod plugins;

pub(crate) use load::shop;

use crate::support::random::number;

/// How often a fault happens: `times` in the suite, `PERENNIAL_FAULTS` times in the long form.
fn times(times: usize) -> usize {
    number("PERENNIAL_FAULTS").map_or(times, |many| usize::try_from(many).unwrap())
}

/// Whether it is the long form.
fn is_long() -> bool {
    number("PERENNIAL_FAULTS").is_some()
}
