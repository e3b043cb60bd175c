//! The fifteen properties of the ledger, by name. `tests/it/bank.rs` has the one that takes many
//! spenders at once.

mod apart;
mod batches;
mod books;
mod numbers;
mod pages;
mod repeats;
mod sealed;
mod sweeping;
mod twins;
