//! What a verification says.

use std::collections::BTreeMap;

/// What was verified, program by program.
#[derive(Debug, Default)]
pub struct Verified {
    pub programs: Vec<VerifiedProgram>,
    /// Entries of the ledgers together.
    pub entries: u64,
}

/// A program and what was found in it.
#[derive(Debug)]
pub struct VerifiedProgram {
    pub program: String,
    pub chain: Chain,
    pub checks: Vec<Check>,
    /// What could not be checked, and why.
    pub notes: Vec<String>,
}

/// How far the program is sealed, and by whom.
#[derive(Debug, Default)]
pub struct Chain {
    pub seals: u64,
    /// Positions of the journal that are not sealed yet: what was changed among them is told only
    /// where sums no longer agree.
    pub unsealed: u64,
    /// How many seals each key has signed, by its public key.
    pub signed_by: BTreeMap<String, u64>,
    pub unsigned: u64,
    /// The last seal, which stands for all before it.
    pub last: Option<SealName>,
}

/// A seal, as somebody may have kept it outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealName {
    pub number: i64,
    /// In hexadecimal.
    pub hash: String,
}

/// One thing that was checked.
#[derive(Debug)]
pub struct Check {
    pub name: &'static str,
    /// Of what there were so many.
    pub of: &'static str,
    pub rows: u64,
    /// The first of what is wrong; more where more were asked for.
    pub faults: Vec<Fault>,
}

/// A row that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub table: &'static str,
    pub key: String,
    pub expected: String,
    pub found: String,
}

/// How far a verification is, in items of the journal.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    pub done: u64,
    pub of: u64,
}

impl Verified {
    /// Whether nothing is wrong.
    pub fn is_sound(&self) -> bool {
        let mut checks = self.programs.iter().flat_map(|program| &program.checks);
        checks.all(|check| check.faults.is_empty())
    }
}

impl Fault {
    #[expect(clippy::needless_pass_by_value, reason = "what is shown is mostly made for it")]
    pub(super) fn new(
        table: &'static str,
        key: impl ToString,
        expected: impl ToString,
        found: impl ToString,
    ) -> Self {
        Self {
            table,
            key: key.to_string(),
            expected: expected.to_string(),
            found: found.to_string(),
        }
    }
}

/// Keeps the first fault that a check meets.
pub(super) trait First {
    fn first(&mut self, fault: impl FnOnce() -> Fault);
}

impl First for Option<Fault> {
    fn first(&mut self, fault: impl FnOnce() -> Fault) {
        if self.is_none() {
            *self = Some(fault());
        }
    }
}
