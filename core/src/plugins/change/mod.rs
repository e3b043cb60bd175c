//! Changes: a plugin that is enabled, configured anew or moved to another version receives
//! `plugin-changed`, once for each record of its types and once for each member, and plans anew.
//!
//! The commit that changes the plugin writes one row, however many members there are, and only for a
//! plugin that subscribed. The worker goes on from there, page by page; with each page it writes how
//! far it is, so that nobody is left out and nobody is told twice. A row stands for as long as somebody
//! is left, and meanwhile the plugin's timers wait.
//!
//! There is one row of a plugin. What changes next takes the place of what is not yet written, and
//! begins with the first record again. As long as not all members have received that the plugin was
//! enabled, that is what they receive, whatever changed since.

mod spreading;
mod under_way;

pub(crate) use spreading::Spreading;
pub use under_way::ChangeUnderWay;
pub(super) use under_way::under_way;

use super::keyed::PluginName;
use crate::db::{Writes, row};
use crate::facts::PluginChange;
use crate::runtime::Manifest;
use crate::{MemberId, PluginChangeId, RecordId, Timestamp};
use perennial_contract::events::PLUGIN_CHANGED;
use std::ops::Bound;
use std::sync::Arc;

/// The place of a record's type where it is the members' turn.
const MEMBERS: &str = "";

/// What becomes of a plugin in a program.
#[derive(Clone, Debug)]
pub(super) struct Change {
    pub(super) change: PluginChange,
    /// Of the version that the program runs from then on.
    pub(super) manifest: Arc<Manifest>,
    pub(super) version_before: Option<String>,
}

row! {
    struct NewChange {
        plugin_id: String,
        id: PluginChangeId,
        change: PluginChange,
        plugin_version: String,
        plugin_version_before: Option<String>,
        changed_at: Timestamp,
        record_type: String,
        after_record_id: RecordId,
        after_member_id: MemberId,
    }
}

/// It happens when the program's clock says.
const PUT: &str = "
    INSERT INTO plugin_changes (program_id, plugin_id, id, change, plugin_version,
        plugin_version_before, changed_at, record_type, after_record_id, after_member_id, written,
        version)
    SELECT $1, plugin_id, id, change, plugin_version, plugin_version_before,
        COALESCE((SELECT g.test_clock_at FROM programs AS g WHERE g.id = $1), changed_at),
        record_type, after_record_id, after_member_id, 0, 1
    FROM {rows} AS r
    WHERE true
    ON CONFLICT (program_id, plugin_id) DO UPDATE
    SET id = excluded.id,
        change = CASE
            WHEN plugin_changes.change = 'ENABLED' THEN 'ENABLED' ELSE excluded.change
        END,
        plugin_version_before = CASE
            WHEN plugin_changes.change = 'ENABLED' THEN plugin_changes.plugin_version_before
            ELSE excluded.plugin_version_before
        END,
        plugin_version = excluded.plugin_version, changed_at = excluded.changed_at,
        record_type = excluded.record_type, after_record_id = excluded.after_record_id,
        after_member_id = excluded.after_member_id, written = 0,
        version = plugin_changes.version + 1";
const FORGET: &str = "
    DELETE FROM plugin_changes
    WHERE program_id = $1 AND plugin_id IN (SELECT r.plugin_id FROM {rows} AS r)";

impl Change {
    /// Has the plugin receive it; one that does not subscribe receives nothing any more of what
    /// changed before either. `now` is the server's.
    pub(super) fn write(&self, writes: &mut Writes, now: Timestamp) {
        let Self { change, manifest, version_before } = self;
        if !manifest.receives(PLUGIN_CHANGED, None) {
            return forget(writes, &manifest.id);
        }
        let new = NewChange {
            plugin_id: manifest.id.clone(),
            id: PluginChangeId::new(),
            change: *change,
            plugin_version: manifest.version.clone(),
            plugin_version_before: version_before.clone(),
            changed_at: now,
            record_type: turn_after(manifest, MEMBERS).to_owned(),
            after_record_id: RecordId::FIRST,
            after_member_id: MemberId::FIRST,
        };
        writes.run(PUT, &new);
    }
}

/// Leaves it at what was written.
pub(super) fn forget(writes: &mut Writes, plugin: &str) {
    writes.run(FORGET, &PluginName { plugin_id: plugin.to_owned() });
}

/// Of which type the records are that come after those of this one; the members come after the last.
fn turn_after<'m>(manifest: &'m Manifest, record_type: &str) -> &'m str {
    let later = (Bound::Excluded(record_type), Bound::Unbounded);
    manifest.records.range::<str, _>(later).next().map_or(MEMBERS, |(next, _)| next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_type_has_its_turn_and_then_the_members() {
        let manifest =
            "id = \"a\"\nname = \"A\"\nversion = \"1.0.0\"\n[records.machine]\n[records.belt]";
        let manifest = Manifest::parse(manifest).unwrap();
        let turns = ["", "belt", "machine"].map(|turn| turn_after(&manifest, turn));
        assert_eq!(turns, ["belt", "machine", MEMBERS]);
        let none = Manifest::parse("id = \"a\"\nname = \"A\"\nversion = \"1.0.0\"").unwrap();
        assert_eq!(turn_after(&none, MEMBERS), MEMBERS);
    }
}
