//! `perennial verify`, and `perennial ledger rebuild --check`, which is a part of it.

use crate::cli::{LedgerCommand, VerifyArgs};
use crate::commands::bar;
use crate::config::Settings;
use crate::seal_keys::SealKeys;
use crate::{output, platform};
use indicatif::{HumanCount, ProgressBar};
use perennial_core::verify::{
    Chain, Check, Progress, Request, SealName, Verified, VerifiedProgram, compare_derived, verify,
};
use serde_json::{Value, json};
use std::process::ExitCode;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

pub(super) async fn run(
    settings: &Settings,
    args: VerifyArgs,
    as_json: bool,
) -> anyhow::Result<ExitCode> {
    let keys = SealKeys::known(&settings.token_key, args.trust)?;
    let loyalty = platform::open(settings).await?;
    let (started, bar) = (Instant::now(), OnceLock::new());
    let request = Request {
        program: args.program.as_deref(),
        kept: args.kept.as_ref(),
        keys: &keys,
        watch: &|progress| show(&bar, progress),
    };
    let verified = verify(&loyalty, &request).await;
    if let Some(bar) = bar.get() {
        bar.finish_and_clear();
    }
    let verified = verified?;
    let took = started.elapsed();
    output::result(as_json, &printed(&verified, Some(took)), || text(&verified, Some(took)));
    Ok(exit(&verified))
}

pub(super) async fn ledger(
    settings: &Settings,
    command: LedgerCommand,
    as_json: bool,
) -> anyhow::Result<ExitCode> {
    let LedgerCommand::Rebuild { program, check: _ } = command;
    let loyalty = platform::open(settings).await?;
    let compared = compare_derived(&loyalty, program.as_deref()).await?;
    output::result(as_json, &printed(&compared, None), || text(&compared, None));
    Ok(exit(&compared))
}

fn exit(verified: &Verified) -> ExitCode {
    if verified.is_sound() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn show(bar: &OnceLock<ProgressBar>, progress: Progress) {
    let bar = bar.get_or_init(|| bar::of_rows("verifying", progress.of));
    bar.set_position(progress.done);
}

/// A seal that was kept outside, as `NUMBER:HASH`.
pub(crate) fn seal_name(text: &str) -> Result<SealName, String> {
    let wrong = || format!("`{text}` is not NUMBER:HASH, as `perennial verify` prints it");
    let (number, hash) = text.split_once(':').ok_or_else(wrong)?;
    let is_hash = hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    let number = number.parse().ok().filter(|number| *number > 0 && is_hash).ok_or_else(wrong)?;
    Ok(SealName { number, hash: hash.to_ascii_lowercase() })
}

fn per_second(entries: u64, took: Duration) -> u64 {
    let nanoseconds = took.as_nanos().max(1);
    u64::try_from(u128::from(entries) * 1_000_000_000 / nanoseconds).unwrap_or(u64::MAX)
}

fn printed(verified: &Verified, took: Option<Duration>) -> Value {
    let programs: Vec<_> = verified.programs.iter().map(|one| printed_program(one, took)).collect();
    let mut value = json!({
        "sound": verified.is_sound(), "programs": programs, "entries": verified.entries,
    });
    if let Some(took) = took {
        value["seconds"] = json!(took.as_secs_f64());
        value["entriesPerSecond"] = json!(per_second(verified.entries, took));
    }
    value
}

fn printed_program(program: &VerifiedProgram, took: Option<Duration>) -> Value {
    let check = |check: &Check| {
        let faults = check.faults.iter().map(|fault| {
            json!({
                "table": fault.table, "key": fault.key, "expected": fault.expected,
                "found": fault.found,
            })
        });
        json!({
            "name": check.name, "of": check.of, "rows": check.rows,
            "faults": faults.collect::<Vec<_>>(),
        })
    };
    let checks: Vec<_> = program.checks.iter().map(check).collect();
    let mut value = json!({ "program": program.program, "checks": checks, "notes": program.notes });
    if took.is_some() {
        let Chain { seals, unsealed, signed_by, unsigned, last } = &program.chain;
        let last = last.as_ref().map(|SealName { number, hash }| format!("{number}:{hash}"));
        value["seals"] = json!({
            "count": seals, "unsealed": unsealed, "signedBy": signed_by, "unsigned": unsigned,
            "last": last,
        });
    }
    value
}

fn text(verified: &Verified, took: Option<Duration>) -> String {
    let mut lines = Vec::new();
    for program in &verified.programs {
        lines.push(format!("program {}", program.program));
        lines.extend(program.checks.iter().flat_map(check_lines));
        if took.is_some() {
            lines.extend(chain_lines(&program.chain));
        }
        lines.extend(program.notes.iter().map(|note| format!("  note: {note}")));
    }
    let entries = HumanCount(verified.entries);
    let sound = if verified.is_sound() { "nothing is wrong" } else { "something is wrong" };
    lines.push(match took {
        Some(took) => format!(
            "{sound}: {entries} entries in {:.1} s, {} a second",
            took.as_secs_f64(),
            HumanCount(per_second(verified.entries, took))
        ),
        None => format!("{sound}: {entries} entries"),
    });
    lines.join("\n")
}

fn check_lines(check: &Check) -> Vec<String> {
    let state = if check.faults.is_empty() { "ok" } else { "WRONG" };
    let mut lines =
        vec![format!("  {:<32}{state:<7}{} {}", check.name, HumanCount(check.rows), check.of)];
    for fault in &check.faults {
        lines.push(format!("    {} {}", fault.table, fault.key));
        lines.push(format!("      expected: {}", fault.expected));
        lines.push(format!("      found:    {}", fault.found));
    }
    lines
}

fn chain_lines(chain: &Chain) -> Vec<String> {
    let mut lines = Vec::new();
    for (key, seals) in &chain.signed_by {
        lines.push(format!("  {} seals signed by {key}", HumanCount(*seals)));
    }
    if chain.unsigned > 0 {
        lines.push(format!("  {} seals without a signature", HumanCount(chain.unsigned)));
    }
    if chain.unsealed > 0 {
        lines.push(format!("  {} items not sealed yet", HumanCount(chain.unsealed)));
    }
    if let Some(SealName { number, hash }) = &chain.last {
        lines.push(format!("  the last seal, to be kept elsewhere: {number}:{hash}"));
    }
    lines
}
