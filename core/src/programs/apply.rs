//! Applying a program file: one commit that adds a revision and enables its plugins.

use super::assemble::{self, definition, stored};
use crate::context::Context;
use crate::db::{TryError, Writes, retry, row};
use crate::definition::Definition;
use crate::plugins;
use crate::{AccountId, Code, Error, ProgramId, Result, Timestamp};
use sea_orm::FromQueryResult;

/// A program file that is to be put into force.
#[derive(Clone, Copy, Debug, Default)]
pub struct Applying<'a> {
    pub source: &'a str,
    /// Who applies it.
    pub actor: &'a str,
    /// Plugins of which it may name an older version than the program runs.
    pub back: &'a [String],
    /// The revision that has to be in force, 0 for a program that there is not yet; any if absent.
    pub expected: Option<u32>,
}

/// What applying a program file did.
#[derive(Clone, Copy, Debug)]
pub struct Applied {
    pub program: ProgramId,
    pub revision: u32,
    /// False when the file was in force already.
    pub is_new: bool,
}

#[derive(FromQueryResult)]
pub(super) struct InForce {
    pub(super) id: ProgramId,
    sandbox: bool,
    test_clock_at: Option<Timestamp>,
    revision: i32,
    version: i64,
    pub(super) source: String,
}

row! {
    struct NewProgram {
        slug: String,
        sandbox: i32,
        test_clock_at: Option<Timestamp>,
        created_at: Timestamp,
    }
}

row! {
    struct Revised {
        revision: u32,
        version: i64,
        settling_since: Option<Timestamp>,
        settled_to: Option<AccountId>,
    }
}

row! {
    struct RevisionRow in "program_revisions" {
        revision: u32,
        source: String,
        actor: String,
        created_at: Timestamp,
    }
}

const IN_FORCE: &str = "
    SELECT g.id, g.sandbox, g.test_clock_at, g.revision, g.version, r.source
    FROM programs AS g
    CROSS JOIN program_revisions AS r
    WHERE g.slug = $1 AND r.program_id = g.id AND r.revision = g.revision";
const CREATE: &str = "
    INSERT INTO programs (id, slug, sandbox, test_clock_at, revision, version, created_at)
    SELECT $1, slug, sandbox <> 0, test_clock_at, 1, 1, created_at
    FROM {rows} AS r";
const REVISE: &str = "
    UPDATE programs
    SET revision = r.revision,
        settling_since = COALESCE(r.settling_since, programs.settling_since),
        settled_to = COALESCE(r.settled_to, programs.settled_to),
        version = CASE WHEN programs.version = r.version THEN r.version + 1 END
    FROM {rows} AS r
    WHERE programs.id = $1";

pub(super) async fn apply(context: &Context, applying: Applying<'_>) -> Result<Applied> {
    let definition = definition(applying.source)?;
    for plugin in applying.back {
        if !definition.plugins().contains_key(plugin) {
            let why = format!("the file names no plugin `{plugin}` that could go back");
            return Err(Error::new(Code::PluginNotFound, why));
        }
    }
    retry("applying a program", || attempt(context, &definition, applying)).await
}

async fn attempt(
    context: &Context,
    definition: &Definition,
    applying: Applying<'_>,
) -> Result<Applied, TryError> {
    let Applying { source, actor, back, expected } = applying;
    let in_force = InForce::find(context, &definition.slug).await?;
    expect(in_force.as_ref(), expected)?;
    let (program, revision) = match &in_force {
        None => (ProgramId::new(), 1),
        Some(found) if found.source == source => return Ok(found.unchanged()),
        Some(found) => {
            found.lets_follow(definition)?;
            (found.id, found.revision() + 1)
        }
    };
    let plugins = plugins::plan_enabling(context, definition, program, back).await?;
    let mut writes = Writes::to(program);
    match &in_force {
        None => writes.run(CREATE, &NewProgram::of(definition, context.now())),
        Some(found) => {
            let now = found.test_clock_at.unwrap_or_else(|| context.now());
            writes.run(REVISE, &found.revised(revision, definition, now));
        }
    }
    let (source, actor) = (source.to_owned(), actor.to_owned());
    writes.insert(&RevisionRow { revision, source, actor, created_at: context.now() });
    plugins.write(&mut writes);
    if in_force.is_some() {
        plugins.write_changes(&mut writes, context.now());
    }
    context.db.commit(writes).await?;
    context.forget(program);
    context.wake();
    Ok(Applied { program, revision, is_new: true })
}

/// Whether nobody has applied another file meanwhile.
fn expect(in_force: Option<&InForce>, expected: Option<u32>) -> Result<()> {
    let revision = in_force.map_or(0, InForce::revision);
    if expected.is_none_or(|expected| expected == revision) {
        return Ok(());
    }
    let why = match revision {
        0 => "there is no such program yet: its revision is 0".to_owned(),
        revision => format!("revision {revision} is in force"),
    };
    Err(Error::new(Code::RevisionMoved, why).at("expected"))
}

impl InForce {
    /// How the program with a slug stands, if there is one.
    pub(super) async fn find(context: &Context, slug: &str) -> Result<Option<Self>> {
        let db = &context.db;
        let statement = db.sql(IN_FORCE, [slug.into()]);
        Ok(Self::find_by_statement(statement).one(db.read()).await?)
    }

    /// Whether it can become this.
    pub(super) fn lets_follow(&self, definition: &Definition) -> Result<()> {
        if self.sandbox != definition.is_sandbox {
            let why = "sandbox: a program is a sandbox, or not, permanently; use another program";
            return Err(Error::new(Code::ProgramFileInvalid, why));
        }
        self.keeps_currency(definition)
    }

    /// What members of a live program have spent is in its currency. A file that is damaged does
    /// not say which, and has to be replaced.
    fn keeps_currency(&self, definition: &Definition) -> Result<()> {
        let Ok(before) = assemble::currency(&self.source) else { return Ok(()) };
        if self.sandbox || before == definition.currency {
            return Ok(());
        }
        let why = format!(
            "currency: this program has counted in {before} so far, and cannot go over to {}; use \
             another program",
            definition.currency
        );
        Err(Error::new(Code::ProgramFileInvalid, why))
    }

    fn revised(&self, revision: u32, definition: &Definition, now: Timestamp) -> Revised {
        let settles = !self.ranks_as(definition);
        Revised {
            revision,
            version: self.version,
            settling_since: settles.then_some(now),
            settled_to: settles.then_some(AccountId::FIRST),
        }
    }

    /// Whether every member stands where the other ladder puts it. One that cannot be read any
    /// more is taken for another.
    fn ranks_as(&self, other: &Definition) -> bool {
        stored(&self.source).is_ok_and(|this| this.ladder().ranks_as(other.ladder()))
    }

    fn revision(&self) -> u32 {
        u32::try_from(self.revision).unwrap_or_default()
    }

    fn unchanged(&self) -> Applied {
        Applied { program: self.id, revision: self.revision(), is_new: false }
    }
}

impl NewProgram {
    fn of(definition: &Definition, now: Timestamp) -> Self {
        Self {
            slug: definition.slug.clone(),
            sandbox: i32::from(definition.is_sandbox),
            test_clock_at: definition.is_sandbox.then(|| definition.clock_starts_at.unwrap_or(now)),
            created_at: now,
        }
    }
}
