//! `perennial report`: what accountants ask a program.

use crate::cli::{LiabilityArgs, ReportCommand};
use crate::config::Settings;
use crate::{output, platform};
use perennial_core::ledger::{BookedMonth, ExpiringMonth, Liability};
use serde_json::{Value, json};
use std::process::ExitCode;

pub(super) async fn run(
    settings: &Settings,
    command: ReportCommand,
    as_json: bool,
) -> anyhow::Result<ExitCode> {
    let ReportCommand::Liability(LiabilityArgs { program, point_type, months }) = command;
    let loyalty = platform::open(settings).await?;
    let (_, actor) = platform::program(&loyalty, &program).await?;
    let found = loyalty.ledger().liability(&actor, point_type.as_deref(), months).await?;
    let printed: Vec<_> = found.iter().map(printed).collect();
    output::result(as_json, &printed, || found.iter().map(text).collect::<Vec<_>>().join("\n\n"));
    Ok(ExitCode::SUCCESS)
}

/// With the names that the API has.
fn printed(liability: &Liability) -> Value {
    let expiring = |one: &ExpiringMonth| {
        let ExpiringMonth { month, points, expected } = one;
        json!({ "month": month.to_string(), "points": points, "expected": expected })
    };
    let month = |one: &BookedMonth| {
        let BookedMonth { month, opening, movements, closing } = one;
        json!({
            "month": month.to_string(), "opening": opening, "opened": movements.opened,
            "earned": movements.earned, "adjusted": movements.adjusted,
            "redeemed": movements.redeemed, "expired": movements.expired,
            "returned": movements.returned, "voided": movements.voided, "closing": closing,
        })
    };
    json!({
        "pointType": liability.point_type.id(), "at": liability.at.to_string(),
        "outstanding": liability.outstanding, "held": liability.held,
        "pending": liability.pending, "owed": liability.owed, "total": liability.total,
        "expiring": liability.expiring.iter().map(expiring).collect::<Vec<_>>(),
        "expiringLater": liability.expiring_later, "neverExpiring": liability.never_expiring,
        "months": liability.months.iter().map(month).collect::<Vec<_>>(),
        "redeemed": liability.redemption.redeemed, "redeemedOf": liability.redemption.of,
    })
}

fn text(liability: &Liability) -> String {
    let Liability { outstanding, held, pending, owed, total, .. } = liability;
    let mut lines = vec![
        format!("{} at {}: {total}", liability.point_type.id(), liability.at),
        format!("outstanding {outstanding}, held {held}, pending {pending}, owed {owed}"),
        String::new(),
    ];
    let names = "month opening opened earned adjusted redeemed expired returned voided closing";
    let month = |one: &BookedMonth| {
        let BookedMonth { month, opening, movements: of, closing } = one;
        let changed =
            [of.opened, of.earned, of.adjusted, of.redeemed, of.expired, of.returned, of.voided];
        let numbers = [*opening].into_iter().chain(changed).chain([*closing]);
        [month.to_string()].into_iter().chain(numbers.map(|number| number.to_string())).collect()
    };
    let head = names.split(' ').map(str::to_owned).collect();
    let months: Vec<_> = [head].into_iter().chain(liability.months.iter().map(month)).collect();
    lines.extend(table(&months));
    lines.push(String::new());
    let head = ["expires", "points", "expected"].map(str::to_owned).to_vec();
    let expiring = liability.expiring.iter().filter(|one| one.points.is_positive());
    let expiring = expiring.map(|one| {
        let ExpiringMonth { month, points, expected } = one;
        vec![month.to_string(), points.to_string(), expected.to_string()]
    });
    let rest = [("later", liability.expiring_later), ("never", liability.never_expiring)];
    let rest = rest.map(|(when, points)| vec![when.to_owned(), points.to_string(), String::new()]);
    let expiring: Vec<_> = [head].into_iter().chain(expiring).chain(rest).collect();
    lines.extend(table(&expiring));
    lines.join("\n")
}

/// Columns as wide as they have to be: the first to the left, numbers to the right.
fn table(rows: &[Vec<String>]) -> Vec<String> {
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
    let widths: Vec<_> = (0..rows.first().map_or(0, Vec::len)).map(width).collect();
    let shown = |row: &Vec<String>| {
        let cell = |(column, cell): (usize, &String)| match column {
            0 => format!("{cell:<width$}", width = widths[column]),
            _ => format!("{cell:>width$}", width = widths[column]),
        };
        let cells: Vec<_> = row.iter().enumerate().map(cell).collect();
        cells.join("  ").trim_end().to_owned()
    };
    rows.iter().map(shown).collect()
}
