//! `perennial copy`: a whole installation into an empty database.

use crate::cli::CopyArgs;
use crate::commands::bar;
use crate::mask::masked;
use crate::{output, platform};
use indicatif::{HumanCount, ProgressBar};
use perennial_core::copy::{Copied, Progress, copy};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// The result as JSON.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Printed<'a> {
    rows: u64,
    tables: BTreeMap<&'a str, u64>,
    books: Vec<Value>,
    left_out: &'a [String],
}

pub(super) async fn run(args: &CopyArgs, as_json: bool) -> anyhow::Result<()> {
    let from = platform::existing(&args.from).await?;
    let to = platform::to_fill(&args.to).await?;
    let bars = Bars::default();
    let copied = copy(&from, &to, &|progress| bars.show(progress)).await;
    bars.clear();
    let copied = copied?;
    to.close().await?;
    from.close().await?;
    for table in &copied.left_out {
        output::note(format!("not copied, for it is not Perennial's: the table `{table}`"));
    }
    output::result(as_json, &printed(&copied), || text(&copied, args));
    Ok(())
}

/// One bar after the other.
#[derive(Default)]
struct Bars {
    copying: OnceLock<ProgressBar>,
    comparing: OnceLock<ProgressBar>,
}

impl Bars {
    fn show(&self, progress: Progress) {
        let (bar, what, done, of) = match progress {
            Progress::Copying { done, of } => (&self.copying, "copying", done, of),
            Progress::Comparing { done, of } => (&self.comparing, "comparing", done, of),
        };
        let begin = || {
            self.clear();
            bar::of_rows(what, of)
        };
        bar.get_or_init(begin).set_position(done);
    }

    fn clear(&self) {
        for bar in [&self.copying, &self.comparing] {
            if let Some(bar) = bar.get() {
                bar.finish_and_clear();
            }
        }
    }
}

fn printed(copied: &Copied) -> Printed<'_> {
    let books = copied.books.iter();
    Printed {
        rows: rows(copied),
        tables: copied.tables.iter().map(|table| (table.name.as_str(), table.rows)).collect(),
        books: books
            .map(|sum| json!({ "name": sum.name, "source": sum.source, "target": sum.target }))
            .collect(),
        left_out: &copied.left_out,
    }
}

fn text(copied: &Copied, args: &CopyArgs) -> String {
    let mut lines = vec![format!("{:<28}{:>16}{:>16}", "", "source", "target")];
    let mut tables: Vec<_> = copied.tables.iter().collect();
    tables.sort_by(|one, other| one.name.cmp(&other.name));
    let line =
        |name: &str, source: &str, target: &str| format!("{name:<28}{source:>16}{target:>16}");
    for table in tables {
        let rows = HumanCount(table.rows).to_string();
        lines.push(line(&table.name, &rows, &rows));
    }
    for sum in &copied.books {
        lines.push(line(sum.name, &sum.source.to_string(), &sum.target.to_string()));
    }
    let (from, to) = (masked(&args.from), masked(&args.to));
    let rows = HumanCount(rows(copied));
    lines.push(format!("copied {rows} rows from {from} to {to}, and compared them"));
    lines.join("\n")
}

fn rows(copied: &Copied) -> u64 {
    copied.tables.iter().map(|table| table.rows).sum()
}
