//! The reading of whole files, by subject.

mod amounts;
mod any_bytes;
mod encodings;
mod error_file;
mod mappings;
mod members;
mod orders;
mod reading;

use super::groups::{Groups, Opened};
use super::purchases::{Order, PurchaseLayout, PurchaseMapping, Row, Terms};
use super::row_error::{Outcome, RowError};
use super::shape::Mapping;
use jiff::tz::TimeZone;
use perennial_core::Result;
use perennial_core::purchases::NewPurchase;
use std::path::{Path, PathBuf};

/// What rows make of an order: the purchase, or an error for each row.
type Made = Result<NewPurchase, Vec<RowError>>;

fn terms() -> Terms {
    let currency = "EUR".parse().unwrap();
    Terms { zone: TimeZone::UTC, currency, in_order_of_time: false }
}

fn purchases(path: &Path, mapping: &str, terms: Terms) -> Result<Groups<PurchaseLayout>> {
    let mapping = PurchaseMapping::parse(mapping)?;
    Opened::open(path, &mapping)?
        .groups(|shape, header| PurchaseLayout::new(&mapping, terms, shape, header), &|_| ())
}

/// Rows one by one, in the order in which they are imported.
fn rows(path: &Path, mapping: &str) -> Vec<Outcome<Row>> {
    rows_of(purchases(path, mapping, terms()).unwrap())
}

fn rows_of(mut groups: Groups<PurchaseLayout>) -> Vec<Outcome<Row>> {
    let groups = std::iter::from_fn(|| groups.next().unwrap());
    groups.flat_map(|group| group.rows.into_iter().map(|(.., outcome)| outcome)).collect()
}

/// The orders of a file, with the lines of their rows.
fn orders(text: impl AsRef<[u8]>, mapping: &str) -> Vec<Made> {
    let mut groups = purchases(&file(text), mapping, terms()).unwrap();
    let mut orders = Vec::new();
    while let Some(group) = groups.next().unwrap() {
        let order = Order::of(group, groups.layout());
        let purchase = order.and_then(|order| order.purchase(groups.layout()));
        orders.push(purchase.map(|(purchase, _)| purchase));
    }
    orders
}

fn file(text: impl AsRef<[u8]>) -> tempfile::TempPath {
    use std::io::Write;
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_ref()).unwrap();
    file.into_temp_path()
}

fn cdnow() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("examples/data/cdnow/CDNOW_sample.txt")
}

fn cdnow_mapping() -> String {
    std::fs::read_to_string(cdnow().with_file_name("mapping.toml")).unwrap()
}
