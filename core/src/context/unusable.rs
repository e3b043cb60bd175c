//! Programs that this server cannot use, such as after a step back to an older version of the
//! server, which does not know what the program's file says. All others go on.

use crate::{Code, Error, ProgramId};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A program that cannot be used, and why, for the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unusable {
    pub program: String,
    pub why: String,
}

/// Those that this process has met.
#[derive(Debug, Default)]
pub(crate) struct UnusablePrograms(Mutex<BTreeMap<ProgramId, Unusable>>);

impl UnusablePrograms {
    /// Takes note of a program that could not be read, and returns what its callers are told.
    pub(super) fn add(&self, id: ProgramId, program: String, cause: Error) -> Error {
        let why = match cause.detail() {
            Some(detail) => format!("{cause}: {detail}"),
            None => cause.to_string(),
        };
        let public = format!("the program `{program}` cannot be used at present");
        let mut programs = self.locked();
        let unusable = Unusable { program, why };
        if programs.get(&id) != Some(&unusable) {
            let Unusable { program, why } = &unusable;
            tracing::error!(program, why, "a program cannot be used; all others can");
            programs.insert(id, unusable);
            show(&programs);
        }
        Error::new(Code::ProgramUnusable, public).caused_by(cause)
    }

    pub(super) fn remove(&self, id: ProgramId) {
        let mut programs = self.locked();
        if programs.remove(&id).is_some() {
            show(&programs);
        }
    }

    pub(crate) fn ids(&self) -> Vec<ProgramId> {
        self.locked().keys().copied().collect()
    }

    pub(crate) fn all(&self) -> Vec<Unusable> {
        self.locked().values().cloned().collect()
    }

    fn locked(&self) -> MutexGuard<'_, BTreeMap<ProgramId, Unusable>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn show(programs: &BTreeMap<ProgramId, Unusable>) {
    let count = u32::try_from(programs.len()).unwrap_or(u32::MAX);
    metrics::gauge!("perennial_programs_unusable").set(count);
}
