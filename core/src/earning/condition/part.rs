//! Parts of a condition: what is known of them, and the names that they can use.

use super::names::{NAMES, Name, Type};
use crate::cart::LINES_MAX;
use cel::common::ast::LiteralValue;
use perennial_contract::limits::TAGS;
use perennial_contract::text::nearest;

/// The most levels of parts within parts: whoever evaluates a condition descends as deep.
const LEVELS_MAX: usize = 64;

/// What is known of a part of a condition.
#[derive(Clone, Debug)]
pub(super) struct Part<'e> {
    pub(super) is: Type,
    /// The most elements, if it is a list of them.
    pub(super) length: Option<u64>,
    pub(super) steps: u64,
    /// The texts that it is written with.
    pub(super) texts: Vec<&'e str>,
}

/// The names that a part of a condition can use, and how deep it stands.
#[derive(Clone, Debug)]
pub(super) struct Scope<'e> {
    pub(super) names: Vec<(&'e str, Type, Option<u64>)>,
    pub(super) level: usize,
}

impl Scope<'_> {
    pub(super) fn below(&self) -> Result<Self, String> {
        if self.level == LEVELS_MAX {
            return Err(format!("a condition has at most {LEVELS_MAX} levels of parts in parts"));
        }
        Ok(Self { names: self.names.clone(), level: self.level + 1 })
    }
}

pub(super) const HINT: &str = "; amounts are whole minor units, such as 10000 for 100.00";

impl Part<'_> {
    pub(super) const fn new(is: Type, length: Option<u64>) -> Self {
        Self { is, length, steps: 1, texts: Vec::new() }
    }

    /// Adds what another part takes and is written with.
    pub(super) fn take(&mut self, other: Self) {
        self.steps = self.steps.saturating_add(other.steps);
        self.texts.extend(other.texts);
    }

    /// Something that is made of this.
    pub(super) fn with(self, is: Type, length: Option<u64>) -> Self {
        Self { is, length, steps: self.steps + 1, texts: Vec::new() }
    }

    pub(super) fn field(self, field: &str) -> Result<Self, String> {
        let of_record = |name: &&Name| name.of == self.is && self.length.is_none();
        let fields: Vec<_> = NAMES.iter().filter(of_record).collect();
        if fields.is_empty() {
            return Err(format!("{} has no fields, and so no `{field}`", self.in_words()));
        }
        let Some(found) = fields.iter().find(|name| name.field == field) else {
            let names: Vec<_> = fields.iter().map(|name| name.field).collect();
            let (what, known) = (self.in_words(), names.join(", "));
            return Err(match nearest(field, &names) {
                Some(meant) => format!("{what} has no `{field}`; did you mean `{meant}`?"),
                None => format!("{what} has no `{field}`: it has {known}"),
            });
        };
        let most = if found.is == Type::Tag { TAGS } else { LINES_MAX };
        let length = found.is_list.then_some(most as u64);
        Ok(self.with(found.is, length))
    }

    pub(super) fn in_words(&self) -> String {
        match self.length {
            Some(_) => "a list".to_owned(),
            None => self.is.in_words().to_owned(),
        }
    }

    pub(super) fn must_be(&self, is: Type, what: &str) -> Result<(), String> {
        if self.length.is_none() && self.is.join(is) == Some(is) {
            return Ok(());
        }
        Err(format!("{what} is {}, not {}", is.in_words(), self.in_words()))
    }

    pub(super) fn must_be_no_list(&self, what: &str) -> Result<(), String> {
        match self.length {
            None => Ok(()),
            Some(_) => Err(format!("{what} is not a list")),
        }
    }

    pub(super) fn must_be_one(&self, what: &str) -> Result<(), String> {
        match self.length {
            None if self.is == Type::Int || self.is == Type::Bool || self.is.is_text() => Ok(()),
            _ => Err(format!(
                "{what} is a text, a number, or true or false, not {}",
                self.in_words()
            )),
        }
    }

    pub(super) fn must_be_list(&self, what: &str) -> Result<u64, String> {
        self.length.ok_or_else(|| format!("{what} is a list, not {}", self.in_words()))
    }
}

pub(super) fn of_literal(literal: &LiteralValue) -> Result<Part<'_>, String> {
    match literal {
        LiteralValue::Boolean(_) => Ok(Part::new(Type::Bool, None)),
        LiteralValue::Int(_) => Ok(Part::new(Type::Int, None)),
        LiteralValue::String(text) => {
            Ok(Part { texts: vec![text.inner()], ..Part::new(Type::Text, None) })
        }
        LiteralValue::Double(_) => Err(format!("a condition has no decimal numbers{HINT}")),
        LiteralValue::Bytes(_) | LiteralValue::Null | LiteralValue::UInt(_) => {
            Err("a condition has texts, whole numbers, true and false".to_owned())
        }
    }
}

pub(super) fn of_name<'e>(name: &str, scope: &Scope<'e>) -> Result<Part<'e>, String> {
    let found = scope.names.iter().rev().find(|(known, ..)| *known == name);
    let (_, is, length) =
        found.ok_or_else(|| format!("a condition knows `member` and `purchase`, not `{name}`"))?;
    Ok(Part::new(*is, *length))
}
