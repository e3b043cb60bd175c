//! What a plugin looks up in a native test: the functions that its component imports, answered out of
//! what the simulation knows.

use super::convert;
use crate::bindings::perennial::plugin::types::{
    Balance, CenterQuery, PurchasePage, RecordKey, RecordPage, ServiceCenter, StoredRecord,
};
use perennial_contract::Manifest;
use perennial_contract::look_up::{Found, Known, Question, permit};
use std::cell::RefCell;
use std::panic::resume_unwind;
use std::sync::Arc;

/// A question that the platform does not answer; it ends the call.
pub(super) struct NotPermitted(pub(super) String);

/// What is looked up in during a call.
struct Library {
    manifest: Arc<Manifest>,
    known: Arc<Known>,
    asked: usize,
}

thread_local! {
    static LIBRARY: RefCell<Option<Library>> = const { RefCell::new(None) };
}

/// Makes a call that looks up in what is known.
pub(super) fn during<T>(
    manifest: &Arc<Manifest>,
    known: &Arc<Known>,
    call: impl FnOnce() -> T,
) -> T {
    let (manifest, known) = (Arc::clone(manifest), Arc::clone(known));
    LIBRARY.set(Some(Library { manifest, known, asked: 0 }));
    let answer = call();
    LIBRARY.set(None);
    answer
}

pub(crate) fn find_record(key: &RecordKey) -> Option<StoredRecord> {
    match ask(&Question::Record(convert::record_key(key.clone()))) {
        Found::Record(record) => record.as_ref().map(convert::stored_record),
        other => unreachable!("no record: {other:?}"),
    }
}

pub(crate) fn records(record_type: &str, after: Option<&str>, limit: u32) -> RecordPage {
    let (record_type, after) = (record_type.to_owned(), after.map(str::to_owned));
    match ask(&Question::Records { record_type, after, limit }) {
        Found::Records(page) => RecordPage {
            records: page.items.iter().map(convert::stored_record).collect(),
            more: page.has_more,
        },
        other => unreachable!("no records: {other:?}"),
    }
}

pub(crate) fn purchases(after: Option<&str>, limit: u32) -> PurchasePage {
    match ask(&Question::Purchases { after: after.map(str::to_owned), limit }) {
        Found::Purchases(page) => PurchasePage {
            purchases: page.items.iter().map(convert::past_purchase).collect(),
            more: page.has_more,
        },
        other => unreachable!("no purchases: {other:?}"),
    }
}

pub(crate) fn balances() -> Vec<Balance> {
    match ask(&Question::Balances) {
        Found::Balances(balances) => balances.iter().map(convert::balance).collect(),
        other => unreachable!("no balances: {other:?}"),
    }
}

pub(crate) fn value(key: &str) -> Option<String> {
    match ask(&Question::Value(key.to_owned())) {
        Found::Value(value) => value.map(|value| value.to_string()),
        other => unreachable!("no value: {other:?}"),
    }
}

pub(crate) fn centers(query: &CenterQuery, limit: u32) -> Vec<ServiceCenter> {
    match ask(&Question::Centers { query: convert::center_query(query), limit }) {
        Found::Centers(centers) => centers.iter().map(convert::service_center).collect(),
        other => unreachable!("no service centers: {other:?}"),
    }
}

/// # Panics
///
/// With [`NotPermitted`] if the platform would not answer, and outside of a simulation.
fn ask(question: &Question) -> Found {
    let asked = LIBRARY.with_borrow_mut(|library| {
        let library = library.as_mut().expect("look-ups are answered within a simulation");
        permit(&library.manifest, library.asked, question)?;
        library.asked += 1;
        Ok(library.known.answer(question))
    });
    asked.unwrap_or_else(|why| resume_unwind(Box::new(NotPermitted(why))))
}
