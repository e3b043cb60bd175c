//! What applying a program file would do, in words where a line of the file does not show it.

use super::apply::InForce;
use super::assemble::{definition, stored};
use super::tier_moves;
use crate::context::Context;
use crate::definition::Definition;
use crate::plugins::{self, Enabling};
use crate::{Error, ProgramId, Result};
use sea_orm::FromQueryResult;

/// What applying a program file would do.
#[derive(Debug)]
pub struct Preview {
    /// The file in force; none before the first.
    pub before: Option<String>,
    /// What follows from the changes, one sentence each.
    pub notes: Vec<String>,
    /// Why applying it would be refused.
    pub refused: Option<Error>,
}

pub(super) async fn preview(context: &Context, source: &str) -> Result<Preview> {
    let definition = definition(source)?;
    let Some(in_force) = InForce::find(context, &definition.slug).await? else {
        let notes = vec![creates(context, &definition).await?];
        let refused = enabling(context, &definition, None).await?.err();
        return Ok(Preview { before: None, notes, refused });
    };
    let before = stored(&in_force.source).ok();
    let mut notes = match &before {
        Some(before) => {
            let moves = tier_moves::note(context, in_force.id, (before, &definition)).await?;
            notes(before, &definition).into_iter().chain(moves).collect()
        }
        None => Vec::new(),
    };
    let refused = match enabling(context, &definition, Some(&in_force)).await? {
        Ok(enabling) => {
            notes.extend(enabling.notes(context, in_force.id).await?);
            None
        }
        Err(refused) => Some(refused),
    };
    Ok(Preview { before: Some(in_force.source), notes, refused })
}

/// What becomes of plugins, or why applying would be refused; whatever else goes wrong is an error of
/// its own.
async fn enabling(
    context: &Context,
    definition: &Definition,
    in_force: Option<&InForce>,
) -> Result<Result<Enabling, Error>> {
    let follows = in_force.map_or(Ok(()), |in_force| in_force.lets_follow(definition));
    if let Err(refused) = follows {
        return Ok(Err(refused));
    }
    let program = in_force.map_or_else(ProgramId::new, |in_force| in_force.id);
    match plugins::plan_enabling(context, definition, program, &[]).await {
        Err(error) if error.is_ours() => Err(error),
        planned => Ok(planned),
    }
}

/// A slug is a program's name for good, so a changed one is another program.
async fn creates(context: &Context, definition: &Definition) -> Result<String> {
    #[derive(FromQueryResult)]
    struct Row {
        slug: String,
    }
    let db = &context.db;
    let rows = Row::find_by_statement(db.sql("SELECT slug FROM programs ORDER BY slug", []));
    let others: Vec<_> = rows.all(db.read()).await?.into_iter().map(|row| row.slug).collect();
    let slug = &definition.slug;
    Ok(match others.is_empty() {
        true => format!("program: `{slug}` is created"),
        false => format!(
            "program: there is no `{slug}` yet, so it is created, without members; a program \
             keeps its slug, and {} stay as they are",
            others.join(", ")
        ),
    })
}

fn notes(before: &Definition, after: &Definition) -> Vec<String> {
    let mut notes = Vec::new();
    let name = |definition: &Definition| definition.zone.iana_name().unwrap_or("UTC").to_owned();
    let (from, to) = (name(before), name(after));
    if from != to {
        notes.push(format!(
            "time_zone: from {from} to {to}: from now on days begin, and points expire, by the new \
             one; what is recorded keeps its instants, and its points their expiry"
        ));
    }
    if before.currency != after.currency {
        let (from, to) = (before.currency, after.currency);
        notes.push(format!("currency: from {from} to {to}: amounts so far are not converted"));
    }
    if before.locale != after.locale {
        let (from, to) = (&before.locale, &after.locale);
        notes.push(format!(
            "locale: from {from} to {to}: for new members; those that are there keep theirs"
        ));
    }
    notes
}
