//! `perennial plugin backtest`.

use super::queue::open;
use super::read_text;
use super::replay::component;
use crate::cli::BacktestArgs;
use crate::commands::bar;
use crate::config::Settings;
use crate::{output, platform};
use anyhow::{Context, Result, bail};
use perennial_core::Timestamp;
use perennial_core::backtests::{Backtest, Difference, Failure, MemberDifference, Report, Totals};
use serde_json::{Value, json};
use std::fmt::Write;

/// Of so many members, and failures, the text says what differs; `--json` says more.
const SHOWN: usize = 20;

pub(super) async fn backtest(
    settings: &Settings,
    args: &BacktestArgs,
    as_json: bool,
) -> Result<()> {
    let (loyalty, actor) = open(settings, &args.of).await?;
    let (program, _) = platform::program(&loyalty, &args.of.program).await?;
    let zone = &program.definition.zone;
    let from = args.from.map(|day| Timestamp::start_of(day, zone)).transpose()?;
    let day_after = args.to.map(|day| day.tomorrow().context("--to is outside the calendar"));
    let until = day_after.transpose()?.map(|day| Timestamp::start_of(day, zone)).transpose()?;
    let component = args.component.as_ref().map(|file| {
        let component = component(&platform::host(settings)?, file)?;
        if component.manifest.id != args.of.plugin {
            bail!("{} is the plugin `{}`", file.display(), component.manifest.id);
        }
        Ok(component)
    });
    if let (Some(from), Some(to)) = (args.from, args.to)
        && from > to
    {
        bail!("--from {from} is after --to {to}");
    }
    let asked = Backtest {
        plugin: args.of.plugin.clone(),
        component: component.transpose()?,
        file: args.file.as_deref().map(read_text).transpose()?,
        from,
        until,
        from_the_beginning: args.from_the_beginning,
    };
    let bar = bar::counting("members");
    let report = loyalty.backtests().run(&actor, &asked, |lived| bar.set_position(lived)).await?;
    bar.finish_and_clear();
    output::result(as_json, &row(&report), || shown(&report));
    Ok(())
}

fn shown(report: &Report) -> String {
    let Report { plugin, version, members, calls, fuel, .. } = report;
    let mut text = format!(
        "{plugin} {version}: {members} members, {calls} calls, {fuel} fuel\n\n\
         {:<10} {:>24} {:>24}\n",
        "", "points: were → would be", "messages"
    );
    for (month, totals) in &report.months {
        line(&mut text, &month.strftime("%Y-%m").to_string(), totals);
    }
    line(&mut text, "in total", &report.total);
    text.push('\n');
    // First, for what was passed over shows below as a difference.
    if report.calls_failed > 0 {
        writeln!(text, "{} calls fail", report.calls_failed).unwrap_or_default();
    }
    for Failure { at, about, kind, message, .. } in report.failures.iter().take(SHOWN) {
        writeln!(text, "  {at} {about}: {kind}: {message}").unwrap_or_default();
    }
    if report.is_same() {
        text.push_str("no difference");
    } else {
        write!(text, "{} members would have got something else", report.members_different)
            .unwrap_or_default();
    }
    for different in report.different.iter().take(SHOWN) {
        write!(text, "\n  {} ({})", different.external_id, different.member).unwrap_or_default();
        for difference in different.differences.iter().take(SHOWN) {
            write!(text, "\n    {}", difference_line(difference)).unwrap_or_default();
        }
    }
    text
}

fn line(text: &mut String, when: &str, totals: &Totals) {
    let Totals { points_was, points_would, messages_was, messages_would } = totals;
    let (points, messages) =
        (format!("{points_was} → {points_would}"), format!("{messages_was} → {messages_would}"));
    writeln!(text, "{when:<10} {points:>24} {messages:>24}").unwrap_or_default();
}

fn difference_line(difference: &Difference) -> String {
    let Difference { at, what, points, is_gone } = difference;
    let sign = if *is_gone { '-' } else { '+' };
    match points.get() {
        0 => format!("{sign} {at} {what}"),
        points => format!("{sign} {at} {what}: {points} points"),
    }
}

fn row(report: &Report) -> Value {
    let month = |(month, totals): (&jiff::civil::Date, &Totals)| {
        let mut row = totals_row(totals);
        row["month"] = json!(month.strftime("%Y-%m").to_string());
        row
    };
    json!({
        "plugin": report.plugin,
        "version": report.version,
        "digest": report.digest,
        "members": report.members,
        "calls": report.calls,
        "fuel": report.fuel,
        "months": report.months.iter().map(month).collect::<Vec<_>>(),
        "total": totals_row(&report.total),
        "membersDifferent": report.members_different,
        "different": report.different.iter().map(member_row).collect::<Vec<_>>(),
        "callsFailed": report.calls_failed,
        "failures": report.failures.iter().map(failure_row).collect::<Vec<_>>(),
    })
}

fn totals_row(totals: &Totals) -> Value {
    let Totals { points_was, points_would, messages_was, messages_would } = totals;
    json!({
        "pointsWere": points_was, "pointsWouldBe": points_would, "messagesWere": messages_was,
        "messagesWouldBe": messages_would,
    })
}

fn member_row(different: &MemberDifference) -> Value {
    let difference = |one: &Difference| {
        json!({
            "at": one.at, "what": one.what, "points": one.points, "isGone": one.is_gone,
        })
    };
    let mut row = totals_row(&different.totals);
    row["member"] = json!(different.member);
    row["externalId"] = json!(different.external_id);
    row["differences"] = different.differences.iter().map(difference).collect();
    row
}

fn failure_row(failure: &Failure) -> Value {
    let Failure { member, at, about, kind, message } = failure;
    json!({ "member": member, "at": at, "about": about, "kind": kind, "message": message })
}
