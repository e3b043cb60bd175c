//! Whose turn it was last, where more wait than are served at once.

use crate::{MemberId, ProgramId};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// A plugin and a member.
#[derive(Clone, Debug)]
pub(crate) struct Turn {
    pub(crate) plugin: String,
    pub(crate) member: MemberId,
}

/// By program, after whom the next are served by this process.
#[derive(Debug, Default)]
pub(crate) struct TurnsOfPlugins(Mutex<HashMap<ProgramId, Turn>>);

/// Before all.
impl Default for Turn {
    fn default() -> Self {
        Self { plugin: String::new(), member: MemberId::FIRST }
    }
}

impl TurnsOfPlugins {
    pub(crate) fn last(&self, program: ProgramId) -> Option<Turn> {
        let turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        turns.get(&program).cloned()
    }

    /// From the start, if it is nobody.
    pub(crate) fn put(&self, program: ProgramId, last: Option<Turn>) {
        let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match last {
            Some(turn) => drop(turns.insert(program, turn)),
            None => drop(turns.remove(&program)),
        }
    }
}
