//! What a process keeps in memory: programs, until their version moves, and components, for good.

use super::Program;
use crate::runtime::Component;
use crate::{ProgramId, Timestamp};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The most programs kept; beyond it all are read anew.
const PROGRAMS_MAX: usize = 256;
/// The most components kept; each is at most a megabyte.
const COMPONENTS_MAX: usize = 64;

/// Programs as they were last seen.
#[derive(Debug, Default)]
pub(crate) struct ProgramCache(Mutex<HashMap<ProgramId, Program>>);

/// Components by digest: a digest never means anything else, so nothing here can be stale.
#[derive(Debug, Default)]
pub(crate) struct ComponentCache(Mutex<HashMap<String, Component>>);

impl ProgramCache {
    pub(super) fn get(&self, id: ProgramId) -> Option<Program> {
        locked(&self.0).get(&id).cloned()
    }

    pub(super) fn put(&self, program: &Program) {
        let mut programs = locked(&self.0);
        if programs.len() >= PROGRAMS_MAX {
            programs.clear();
        }
        programs.insert(program.id, program.clone());
    }

    pub(super) fn forget(&self, id: ProgramId) {
        locked(&self.0).remove(&id);
    }

    pub(super) fn seen(&self, id: ProgramId, version: i64, now: Timestamp) {
        let mut programs = locked(&self.0);
        match programs.get_mut(&id) {
            Some(program) if program.version == version => program.now = now,
            Some(_) => drop(programs.remove(&id)),
            None => {}
        }
    }
}

impl ComponentCache {
    pub(crate) fn get(&self, digest: &str) -> Option<Component> {
        locked(&self.0).get(digest).cloned()
    }

    pub(crate) fn put(&self, component: &Component) {
        let mut components = locked(&self.0);
        if components.len() >= COMPONENTS_MAX {
            components.clear();
        }
        components.insert(component.digest.clone(), component.clone());
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
