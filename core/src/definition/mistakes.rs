//! What is wrong with a program file: all of it, each with its place. Whoever finds something wrong
//! says it here and goes on with the rest.

use crate::{Code, Error, Result};
use std::cell::RefCell;
use std::collections::BTreeSet;

/// The most that are said at once; nobody reads more.
pub(super) const SAID_MAX: usize = 100;

/// What was found so far.
#[derive(Debug, Default)]
pub(crate) struct Mistakes {
    /// By where they begin in the file.
    found: RefCell<BTreeSet<(usize, String)>>,
    /// The ids of things that are wrong themselves.
    doubtful: RefCell<BTreeSet<String>>,
}

impl Mistakes {
    /// Adds one that begins at `at`, in bytes. The error says that there is one.
    pub(crate) fn add(&self, at: usize, why: impl Into<String>) -> Error {
        let why = why.into();
        self.found.borrow_mut().insert((at, why.clone()));
        Error::new(Code::ProgramFileInvalid, why)
    }

    /// Leaves something out that is wrong: whoever names it is not to blame.
    pub(super) fn doubt(&self, id: impl Into<String>) {
        self.doubtful.borrow_mut().insert(id.into());
    }

    pub(super) fn doubts(&self, id: &str) -> bool {
        self.doubtful.borrow().contains(id)
    }

    pub(super) fn doubtful(&self) -> Vec<String> {
        self.doubtful.borrow().iter().cloned().collect()
    }

    pub(super) fn are_many(&self) -> bool {
        self.found.borrow().len() >= SAID_MAX
    }

    /// Fails with `PROGRAM_FILE_INVALID` if there are any: with a line for each, in their order.
    pub(crate) fn none_in(&self, source: &str) -> Result<()> {
        let found = self.found.borrow();
        if found.is_empty() {
            return Ok(());
        }
        let said = |(at, why): &(usize, String)| {
            let (line, column) = place(source, *at);
            format!("line {line}, column {column}: {why}")
        };
        let mut lines: Vec<_> = found.iter().take(SAID_MAX).map(said).collect();
        if found.len() > SAID_MAX {
            lines.push(format!("and {} more", found.len() - SAID_MAX));
        }
        Err(Error::new(Code::ProgramFileInvalid, lines.join("\n")))
    }
}

/// The line and, in characters, the column of a byte of a text, both from 1.
fn place(source: &str, at: usize) -> (usize, usize) {
    let before = source.get(..at).unwrap_or(source);
    let line = before.matches('\n').count() + 1;
    let begins = before.rfind('\n').map_or(0, |end| end + 1);
    (line, before[begins..].chars().count() + 1)
}
