//! Writing a change for whom it is about, a page at a time.
//!
//! A page and how far it came are one commit. It holds only if nobody has come further and the change
//! is still the one that was looked at, so two servers do not write the same page, and what changed
//! since is not preceded by what it replaces.

use super::{MEMBERS, turn_after};
use crate::accounts::{Lots, States, ask_states};
use crate::context::{Context, Program};
use crate::db::{Answers, Look, Question, TryError, row};
use crate::due::{DueWork, Part};
use crate::events::Reach;
use crate::facts::{PluginChange, PluginChanged, RecordFact};
use crate::operation::{Operation, decide};
use crate::records::{Record, RecordRow};
use crate::{MemberId, PluginChangeId, RecordId, Result, Timestamp};

/// Writes changes, the oldest of a program first.
pub(crate) struct Spreading;

row! {
    /// A change, and how far it is.
    struct ChangeRow {
        plugin_id: String,
        id: PluginChangeId,
        change: PluginChange,
        plugin_version: String,
        plugin_version_before: Option<String>,
        changed_at: Timestamp,
        record_type: String,
        after_record_id: RecordId,
        after_member_id: MemberId,
        version: i64,
    }
}

row! {
    struct MemberKey {
        id: MemberId,
    }
}

row! {
    struct Step {
        plugin_id: String,
        id: PluginChangeId,
        version: i64,
        record_type: String,
        after_record_id: RecordId,
        after_member_id: MemberId,
        written: usize,
    }
}

row! {
    struct Ended {
        plugin_id: String,
        id: PluginChangeId,
    }
}

const NEXT: &str = "
    SELECT c.plugin_id, c.id, c.change, c.plugin_version, c.plugin_version_before, c.changed_at,
        c.record_type, c.after_record_id, c.after_member_id, c.version
    FROM plugin_changes AS c
    WHERE c.program_id = $1
    ORDER BY c.changed_at, c.plugin_id
    LIMIT 1";
/// A page is 256 records of one type, or as many members.
const RECORDS: &str = "
    SELECT o.id, o.record_type, o.external_id, o.member_id, o.data, o.created_at, o.updated_at
    FROM change AS k EACH records AS o
    WHERE k.record_type <> '' AND o.program_id = $1 AND o.record_type = k.record_type
        AND o.id > k.after_record_id
    ORDER BY o.id
    LIMIT 256";
const EVERYBODY: &str = "
    SELECT m.id
    FROM change AS k EACH members AS m
    WHERE k.record_type = '' AND k.change = 'ENABLED' AND m.program_id = $1
        AND m.id > k.after_member_id
    ORDER BY m.id
    LIMIT 256";
const WITH_STATES: &str = "
    SELECT DISTINCT s.member_id AS id
    FROM change AS k EACH plugin_states AS s
    WHERE k.record_type = '' AND k.change <> 'ENABLED' AND s.program_id = $1
        AND s.plugin_id = k.plugin_id AND s.member_id > k.after_member_id
    ORDER BY s.member_id
    LIMIT 256";
const WITH_TIMERS: &str = "
    SELECT DISTINCT x.member_id AS id
    FROM change AS k EACH timers AS x
    WHERE k.record_type = '' AND k.change <> 'ENABLED' AND x.program_id = $1
        AND x.plugin_id = k.plugin_id AND x.member_id > k.after_member_id
    ORDER BY x.member_id
    LIMIT 256";
/// Those of whom the plugin has something: the first of both, of which no other is left out.
const KNOWN: &str = "
    SELECT id
    FROM with_states
    UNION
    SELECT id
    FROM with_timers
    ORDER BY id
    LIMIT 256";
const CONCERNED: &str = "
    SELECT member_id AS id
    FROM its_records
    UNION
    SELECT id
    FROM everybody
    UNION
    SELECT id
    FROM known";
/// Who is somebody: not erased, not merged into another, and no gift card.
const WHO: &str = "
    SELECT m.id
    FROM concerned AS k EACH members AS m
    WHERE m.program_id = $1 AND m.id = k.id AND m.merged_into IS NULL AND m.erased_at IS NULL
        AND m.kind <> 'GIFT_CARD'";
/// Outrun if somebody has come further, or another change has taken its place.
const GO_ON: &str = "
    UPDATE plugin_changes
    SET record_type = r.record_type, after_record_id = r.after_record_id,
        after_member_id = r.after_member_id, written = plugin_changes.written + r.written,
        version = CASE
            WHEN plugin_changes.id = r.id AND plugin_changes.version = r.version
            THEN r.version + 1
        END
    FROM {rows} AS r
    WHERE plugin_changes.program_id = $1 AND plugin_changes.plugin_id = r.plugin_id";
const END: &str = "
    DELETE FROM plugin_changes
    WHERE program_id = $1
        AND (plugin_id, id) IN (SELECT r.plugin_id, r.id FROM {rows} AS r)";

#[async_trait::async_trait]
impl DueWork for Spreading {
    fn name(&self) -> &'static str {
        "plugin_changes"
    }

    fn next(&self) -> &'static str {
        "SELECT MIN(c.changed_at) FROM plugin_changes AS c WHERE c.program_id = p.id"
    }

    async fn work(&self, context: &Context, program: &Program) -> Result<Part> {
        let spread = |program| spread(context, program);
        let written = decide(context, program.id, "writing a plugin's change", spread).await?;
        // The next turn is something done, though nobody may have had this one.
        Ok(written.map_or(Part { done: 0, is_last: true }, |written| Part {
            done: written.max(1),
            is_last: false,
        }))
    }
}

/// Writes the next page of a change: for how many. None if there is no change.
async fn spread(context: &Context, program: Program) -> Result<Option<usize>, TryError> {
    let mut look = context.look(program.id);
    let page = PageQuestions::ask(&mut look);
    let states = ask_states(&mut look, Lots::IfDue);
    let (answers, program) = context.ask(&program, look).await?;
    let Some(change) = answers.rows(page.change)?.pop() else { return Ok(None) };
    let (page, states) = (page.read(&answers)?, states.read(&answers)?);
    let concerned = page.concerned(&states);
    let step = match page.is_empty() {
        true => change.next_turn(&program),
        false => Some(change.step_past(&page, concerned.len())),
    };
    let mut operation = Operation::begin(context, program, states)?;
    for (member, record) in &concerned {
        let reach = Reach::Only(change.plugin_id.clone());
        operation.record_for(reach, *member, change.changed_at, change.fact(*record))?;
    }
    match step {
        Some(step) => operation.run(GO_ON, &step),
        None => operation.run(END, &change.ended()),
    }
    operation.commit().await?;
    Ok(Some(concerned.len()))
}

/// The questions about a page.
struct PageQuestions {
    change: Question<ChangeRow>,
    records: Question<RecordRow>,
    members: Question<MemberKey>,
}

/// Records, or members, in order.
struct Page {
    records: Vec<Record>,
    members: Vec<MemberId>,
}

impl PageQuestions {
    /// Puts whom the page is about into `who`.
    fn ask(look: &mut Look) -> Self {
        look.table("change", NEXT);
        look.table("its_records", RECORDS);
        look.table("everybody", EVERYBODY);
        look.table("with_states", WITH_STATES);
        look.table("with_timers", WITH_TIMERS);
        look.table("known", KNOWN);
        look.table("concerned", CONCERNED);
        look.table("who", WHO);
        Self {
            change: look.ask("SELECT * FROM change"),
            records: look.ask("SELECT * FROM its_records"),
            members: look.ask("SELECT id FROM everybody UNION SELECT id FROM known"),
        }
    }

    fn read(self, answers: &Answers) -> Result<Page> {
        let records = answers.rows(self.records)?.into_iter().map(Record::from);
        let mut records: Vec<_> = records.collect();
        records.sort_by_key(|record| record.id);
        let members = answers.rows(self.members)?.into_iter().map(|row| row.id);
        let mut members: Vec<_> = members.collect();
        members.sort();
        Ok(Page { records, members })
    }
}

impl Page {
    fn is_empty(&self) -> bool {
        self.records.is_empty() && self.members.is_empty()
    }

    /// Whose events it comes to, and about which record each is.
    fn concerned(&self, states: &States) -> Vec<(MemberId, Option<&Record>)> {
        let records = self.records.iter().map(|record| (record.member_id, Some(record)));
        let all = records.chain(self.members.iter().map(|member| (*member, None)));
        all.filter(|(member, _)| states.contains_key(member)).collect()
    }
}

impl ChangeRow {
    fn fact(&self, record: Option<&Record>) -> PluginChanged {
        PluginChanged {
            change: self.change,
            version: self.plugin_version.clone(),
            version_before: self.plugin_version_before.clone(),
            record: record.map(RecordFact::from),
        }
    }

    /// Where it stays.
    fn step(&self) -> Step {
        Step {
            plugin_id: self.plugin_id.clone(),
            id: self.id,
            version: self.version,
            record_type: self.record_type.clone(),
            after_record_id: self.after_record_id,
            after_member_id: self.after_member_id,
            written: 0,
        }
    }

    fn step_past(&self, page: &Page, written: usize) -> Step {
        let here = self.step();
        Step {
            after_record_id: page.records.last().map_or(here.after_record_id, |last| last.id),
            after_member_id: page.members.last().copied().unwrap_or(here.after_member_id),
            written,
            ..here
        }
    }

    /// To the records of the next type, or the members; none after these.
    fn next_turn(&self, program: &Program) -> Option<Step> {
        let plugin = program.enabled().find(|plugin| plugin.id == self.plugin_id)?;
        let is_over = self.record_type == MEMBERS;
        let next = turn_after(&plugin.component.manifest, &self.record_type).to_owned();
        let after_record_id = RecordId::FIRST;
        (!is_over).then(|| Step { record_type: next, after_record_id, ..self.step() })
    }

    fn ended(&self) -> Ended {
        Ended { plugin_id: self.plugin_id.clone(), id: self.id }
    }
}
