//! What is wrong with a condition, and where.

use super::check::Unfit;
use cel::common::ast::SourceInfo;
use cel::parser::{ParseError, ParseErrors};

pub(super) const GAVE_UP: &str = "not a CEL condition: the parser gave up on it";

/// Something that is wrong with a condition.
#[derive(Debug)]
pub(crate) struct Flaw {
    /// Where, in bytes from the beginning.
    pub(crate) at: usize,
    pub(crate) why: String,
}

impl Flaw {
    /// Of a condition that is wrong as a whole.
    pub(super) fn of_all(why: impl Into<String>) -> Vec<Self> {
        vec![Self { at: 0, why: why.into() }]
    }

    /// Of a text that is no expression: each place where that shows.
    pub(super) fn of_syntax(source: &str, errors: &ParseErrors) -> Vec<Self> {
        let at_places = errors.errors.iter().filter(|error| error.pos.0 > 0 && error.pos.1 > 0);
        // The parser's own troubles say nothing to an author.
        let said =
            at_places.filter_map(|error| Some((error, error.msg.strip_prefix("Syntax error: ")?)));
        let flaw = |(error, said): (&ParseError, &str)| Self {
            at: place(source, error.pos),
            // What follows repeats the source.
            why: format!("not a CEL condition: {}", said.lines().next().unwrap_or_default()),
        };
        let flaws: Vec<_> = said.map(flaw).collect();
        if flaws.is_empty() { Self::of_all(GAVE_UP) } else { flaws }
    }

    /// Of the innermost part whose place is known.
    pub(super) fn of_part(places: &SourceInfo, unfit: Unfit) -> Self {
        let place = unfit.parts.iter().find_map(|part| places.offset_for(*part));
        let at = place.and_then(|(start, _)| usize::try_from(start).ok()).unwrap_or_default();
        Self { at, why: unfit.why }
    }
}

/// In bytes: a line and a character of it, both from 1.
fn place(source: &str, (line, column): (isize, isize)) -> usize {
    let index = |number: isize| usize::try_from(number - 1).unwrap_or_default();
    let mut lines = source.split_inclusive('\n');
    let before: usize = lines.by_ref().take(index(line)).map(str::len).sum();
    let of_line = lines.next().unwrap_or_default();
    let inside = of_line.char_indices().nth(index(column)).map_or(of_line.len(), |(at, _)| at);
    before + inside
}
