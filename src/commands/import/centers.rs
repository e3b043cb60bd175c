//! `perennial import centers`: service centers from a CSV file. All rows are imported, or none.

use anyhow::Context;
use perennial_core::directory::{NewServiceCenter, Position};
use perennial_core::{Actor, Loyalty};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::path::Path;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    external_id: String,
    name: String,
    country: String,
    city: String,
    latitude: f64,
    longitude: f64,
    /// Separated by semicolons.
    languages: String,
    /// Separated by semicolons.
    capabilities: String,
    phone: Option<String>,
    email: Option<String>,
}

/// Returns how many centers the file has. Fails with the line of the first that is wrong.
pub(crate) async fn import(loyalty: &Loyalty, actor: &Actor, file: &Path) -> anyhow::Result<usize> {
    let mut reader =
        csv::Reader::from_path(file).with_context(|| format!("cannot read {}", file.display()))?;
    let mut centers = Vec::new();
    for (row, line) in reader.deserialize::<Row>().zip(2..) {
        let center = row
            .map(NewServiceCenter::from)
            .with_context(|| format!("{}:{line}", file.display()))?;
        center.check().with_context(|| format!("{}:{line}", file.display()))?;
        centers.push(center);
    }
    loyalty.directory().put_many(actor, &centers).await?;
    Ok(centers.len())
}

impl From<Row> for NewServiceCenter {
    fn from(row: Row) -> Self {
        let list = |text: &str| -> BTreeSet<String> {
            text.split(';')
                .map(str::trim)
                .filter(|item| !item.is_empty())
                .map(str::to_owned)
                .collect()
        };
        Self {
            languages: list(&row.languages),
            capabilities: list(&row.capabilities),
            external_id: row.external_id,
            name: row.name,
            country: row.country,
            city: row.city,
            position: Position { latitude: row.latitude, longitude: row.longitude },
            phone: row.phone,
            email: row.email,
        }
    }
}
