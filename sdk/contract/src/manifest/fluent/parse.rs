//! From a file to texts by template.

use super::{Flaw, Parsed, Text};
use crate::limits::{BRACKETS, LOCALE_BYTES};
use fluent_syntax::ast::{Attribute, Entry, Message, Pattern};
use fluent_syntax::parser::{self, ParserError};
use std::collections::BTreeMap;

/// More of one file nobody reads at once.
const ERRORS_SHOWN: usize = 20;

pub(super) fn parse(source: String) -> Parsed {
    let (texts, flaws) = match bounded(&source) {
        Ok(()) => read(&source),
        Err(flaw) => (BTreeMap::new(), vec![flaw]),
    };
    Parsed { source, texts, flaws }
}

/// Before anything else: the parser calls itself for each bracket inside another, and what it reads
/// comes from anybody.
fn bounded(source: &str) -> Result<(), Flaw> {
    if source.len() > LOCALE_BYTES {
        return Err(flaw(1, &[], format!("the file exceeds {LOCALE_BYTES} bytes")));
    }
    let mut open = 0;
    for (index, line) in source.lines().enumerate() {
        if begins(line).is_some() {
            open = 0;
        }
        open += line.matches(['{', '(']).count();
        if open > BRACKETS {
            let why = format!("a text has more than {BRACKETS} opening brackets");
            return Err(flaw(index + 1, &[], why));
        }
    }
    Ok(())
}

/// What is named on a line that begins a message or an attribute, the latter with its point. Nothing
/// that is open goes on over such a line: between brackets a name is followed by no `=`, and the text
/// of a variant neither stands at the margin nor begins with a point.
fn begins(line: &str) -> Option<&str> {
    let (name, _) = line.split_once('=')?;
    let name = name.trim_end_matches(' ');
    let indented = name.trim_start_matches(' ');
    let name = if indented.starts_with('.') { indented } else { name };
    let letters = name.strip_prefix(['.', '-']).unwrap_or(name);
    let is_name = letters.starts_with(|first: char| first.is_ascii_alphabetic())
        && letters.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    is_name.then_some(name)
}

fn read(source: &str) -> (BTreeMap<String, Text>, Vec<Flaw>) {
    let (resource, errors) = match parser::parse(source.to_owned()) {
        Ok(resource) => (resource, Vec::new()),
        Err((resource, errors)) => (resource, errors),
    };
    let no_fluent = |error: &ParserError| {
        let line = source[..error.pos.start.min(source.len())].matches('\n').count() + 1;
        flaw(line, &[], format!("this is no Fluent: {}", error.kind))
    };
    let no_fluent: Vec<_> = errors.iter().take(ERRORS_SHOWN).map(no_fluent).collect();
    let mut incomplete = Vec::new();
    let mut texts = BTreeMap::new();
    for entry in resource.body {
        let read = match entry {
            Entry::Message(message) => template(source, message, &mut texts),
            Entry::Term(term) => {
                let name = format!("-{}", term.id.name);
                let why = "there are no terms here: write what it says into the texts";
                Err(flaw(line_of(source, &name, None), &[&name], why))
            }
            _ => Ok(()),
        };
        incomplete.extend(read.err());
    }
    // What cannot be read is missing, and is there once it can.
    (texts, if no_fluent.is_empty() { incomplete } else { no_fluent })
}

fn template(
    source: &str,
    message: Message<String>,
    texts: &mut BTreeMap<String, Text>,
) -> Result<(), Flaw> {
    let name = message.id.name;
    let wrong = |why: &str| Err(flaw(line_of(source, &name, None), &[&name], why));
    if texts.contains_key(&name) {
        return wrong("it is there twice");
    }
    if let Some(said) = message.value {
        if !message.attributes.is_empty() {
            let why = "write its `.subject` and its `.body`, and nothing before them; or, for the \
                       reason of points, nothing after it";
            return wrong(why);
        }
        texts.insert(name, Text::Reason(said));
        return Ok(());
    }
    let [mut subject, mut body] = [None, None];
    for Attribute { id, value } in message.attributes {
        let part = match id.name.as_str() {
            "subject" => &mut subject,
            "body" => &mut body,
            other => return wrong(&format!("`.{other}` is neither `.subject` nor `.body`")),
        };
        if part.replace(value).is_some() {
            return wrong(&format!("it has `.{}` twice", id.name));
        }
    }
    let [subject, body]: [Option<Pattern<String>>; 2] = [subject, body];
    match (subject, body) {
        (Some(subject), Some(body)) => {
            texts.insert(name, Text::Template { subject, body });
            Ok(())
        }
        (None, _) => wrong("it has no `.subject`"),
        (_, None) => wrong("it has no `.body`"),
    }
}

/// The line of a message, or of one of its attributes.
pub(super) fn line_of(source: &str, message: &str, attribute: Option<&str>) -> usize {
    let mut named = source.lines().enumerate().filter_map(|(at, line)| Some((at, begins(line)?)));
    let begin = named.by_ref().find(|(_, name)| *name == message).map_or(0, |(at, _)| at);
    let of_attribute = attribute.and_then(|attribute| {
        let mut own = named.take_while(|(_, name)| name.starts_with('.'));
        own.find(|(_, name)| name[1..] == *attribute).map(|(at, _)| at)
    });
    of_attribute.unwrap_or(begin) + 1
}

pub(super) fn flaw(line: usize, at: &[&str], why: impl Into<String>) -> Flaw {
    let at = at.iter().map(|&key| key.to_owned()).collect();
    Flaw { line, at, why: why.into() }
}
