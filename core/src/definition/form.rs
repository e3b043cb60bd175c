//! Reading the form of a program file. What has no place in it is said and taken out, so that the rest
//! is read, and what is wrong there is said as well.

use super::mistakes::Mistakes;
use perennial_contract::text::nearest;
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Deserializer, Error};

/// What the file says; none if that cannot be told.
pub(crate) fn read<F: DeserializeOwned>(source: &str, mistakes: &Mistakes) -> Option<F> {
    let (mut file, errors) = DeTable::parse_recoverable(source);
    for error in &errors {
        mistakes.add(error.span().map_or(0, |span| span.start), flattened(error.message()));
    }
    if !errors.is_empty() {
        return None;
    }
    let mut taken = BTreeSet::new();
    while !mistakes.are_many() {
        let error = match F::deserialize(Deserializer::from(file.clone())) {
            Ok(read) => return Some(read),
            Err(error) => error,
        };
        take_out(&mut file, &error, (&mut taken, mistakes))?;
    }
    None
}

/// A step from a table or a list to something in it.
#[derive(Clone, Debug)]
enum Step {
    Key(String),
    Index(usize),
}

/// The innermost key or value around a place.
#[derive(Debug)]
struct Around {
    path: Vec<Step>,
    span: Range<usize>,
    /// Where what it is in begins.
    outside: usize,
}

/// Keys that were taken out, each with where its table begins.
type Taken = BTreeSet<(usize, String)>;

/// Says what is wrong and takes it out; none if nothing would be left.
fn take_out(
    file: &mut Spanned<DeTable<'_>>,
    error: &Error,
    (taken, mistakes): (&mut Taken, &Mistakes),
) -> Option<()> {
    let place = error.span().unwrap_or_else(|| file.span());
    let around = around(file, &place);
    let key = around.as_ref().and_then(|around| match around.path.last() {
        Some(Step::Key(key)) => Some(key.as_str()),
        _ => None,
    });
    // What was taken out is missing now.
    let is_taken = missing(error).is_some_and(|key| taken.contains(&(place.start, key.to_owned())));
    if !is_taken {
        let at = if around.is_some() { place.start } else { 0 };
        mistakes.add(at, in_words(key, error.message()));
    }
    let around = around?;
    if let Some(Step::Key(key)) = around.path.last() {
        taken.insert((around.outside, key.clone()));
    }
    remove_key(file.get_mut(), &around.path, mistakes);
    Some(())
}

/// Whoever names something in what is gone is not to blame.
fn remove_key(table: &mut DeTable<'_>, path: &[Step], mistakes: &Mistakes) {
    match path {
        [Step::Key(key)] => {
            mistakes.doubt(key);
            if let Some(gone) = table.remove(key.as_str()) {
                doubt_ids(gone.get_ref(), mistakes);
            }
        }
        [Step::Key(key), path @ ..] => {
            if let Some(value) = table.get_mut(key.as_str()) {
                remove_inside(value.get_mut(), path, mistakes);
            }
        }
        _ => {}
    }
}

fn remove_inside(value: &mut DeValue<'_>, path: &[Step], mistakes: &Mistakes) {
    match (value, path) {
        (DeValue::Table(table), path) => remove_key(table, path, mistakes),
        (DeValue::Array(list), [Step::Index(gone)]) => {
            if let Some(gone) = list.get(*gone) {
                doubt_ids(gone.get_ref(), mistakes);
            }
            let left = list.iter().enumerate().filter(|(index, _)| index != gone);
            *list = left.map(|(_, value)| value.clone()).collect();
        }
        (DeValue::Array(list), [Step::Index(index), path @ ..]) => {
            if let Some(value) = list.get_mut(*index) {
                remove_inside(value.get_mut(), path, mistakes);
            }
        }
        _ => {}
    }
}

fn doubt_ids(value: &DeValue<'_>, mistakes: &Mistakes) {
    match value {
        DeValue::Table(table) => {
            for (key, value) in table {
                match value.get_ref().as_str() {
                    Some(id) if key.get_ref() == "id" => mistakes.doubt(id),
                    _ => doubt_ids(value.get_ref(), mistakes),
                }
            }
        }
        DeValue::Array(list) => list.iter().for_each(|value| doubt_ids(value.get_ref(), mistakes)),
        _ => {}
    }
}

fn around(file: &Spanned<DeTable<'_>>, place: &Range<usize>) -> Option<Around> {
    let mut found = None;
    look_through(file.get_ref(), (place, file.span().start), &mut Vec::new(), &mut found);
    found
}

fn look_through(
    table: &DeTable<'_>,
    (place, outside): (&Range<usize>, usize),
    path: &mut Vec<Step>,
    found: &mut Option<Around>,
) {
    for (key, value) in table {
        path.push(Step::Key(key.get_ref().to_string()));
        narrow(found, (key.span(), outside), place, path);
        look_into(value, (place, outside), path, found);
        path.pop();
    }
}

fn look_into(
    value: &Spanned<DeValue<'_>>,
    (place, outside): (&Range<usize>, usize),
    path: &mut Vec<Step>,
    found: &mut Option<Around>,
) {
    narrow(found, (value.span(), outside), place, path);
    let inside = value.span().start;
    match value.get_ref() {
        DeValue::Table(table) => look_through(table, (place, inside), path, found),
        DeValue::Array(list) => {
            for (index, value) in list.iter().enumerate() {
                path.push(Step::Index(index));
                look_into(value, (place, inside), path, found);
                path.pop();
            }
        }
        _ => {}
    }
}

/// Keeps the narrower one of what is around a place, and of two alike the one that is further inside.
fn narrow(
    found: &mut Option<Around>,
    (span, outside): (Range<usize>, usize),
    place: &Range<usize>,
    path: &[Step],
) {
    let covers = span.start <= place.start && place.end <= span.end;
    if covers && found.as_ref().is_none_or(|known| span.len() <= known.span.len()) {
        *found = Some(Around { path: path.to_vec(), span, outside });
    }
}

fn missing(error: &Error) -> Option<&str> {
    error.message().strip_prefix("missing field ").map(|key| key.trim_matches('`'))
}

/// What a library says about a key, as this file's author understands it.
fn in_words(key: Option<&str>, message: &str) -> String {
    let named: Vec<_> = message.split('`').skip(1).step_by(2).collect();
    if message.starts_with("unknown field") {
        return unknown("key", &named);
    }
    let of_key = |why: String| key.map_or(why.clone(), |key| format!("{key}: {why}"));
    if message.starts_with("unknown variant") {
        return of_key(unknown("value", &named));
    }
    if let (true, [name]) = (message.starts_with("missing field"), named.as_slice()) {
        return format!("`{name}` is missing");
    }
    let mismatch =
        message.strip_prefix("invalid type: ").and_then(|rest| rest.split_once(", expected "));
    match mismatch {
        Some((is, wanted)) => {
            of_key(format!("use {}, not {}", wanted_in_words(wanted), is_in_words(is)))
        }
        None => {
            match message.strip_prefix("invalid value: ").and_then(|rest| rest.split_once(", ")) {
                Some((is, _)) => of_key(format!("{} is too large or too small", is_in_words(is))),
                None => flattened(message),
            }
        }
    }
}

fn unknown(what: &str, named: &[&str]) -> String {
    let [written, known @ ..] = named else { return format!("there is no such {what}") };
    match nearest(written, known) {
        Some(meant) => format!("there is no {what} `{written}` here; did you mean `{meant}`?"),
        None if known.is_empty() => format!("there is no {what} `{written}` here"),
        None => format!("there is no {what} `{written}` here; known are `{}`", known.join("`, `")),
    }
}

fn wanted_in_words(wanted: &str) -> &str {
    match wanted {
        "a string" => "a text",
        "a boolean" => "`true` or `false`",
        "a sequence" => "a list",
        "a map" => "a table",
        _ if wanted.starts_with("struct ") => "a table",
        _ if wanted.starts_with(['i', 'u']) && wanted[1..].parse::<u8>().is_ok() => {
            "a whole number"
        }
        _ => wanted,
    }
}

fn is_in_words(is: &str) -> String {
    match is {
        "map" => "a table".to_owned(),
        "sequence" => "a list".to_owned(),
        _ => match is.split_once(' ') {
            Some(("string", text)) => format!("the text {text}"),
            Some((_, value)) => value.rsplit(' ').next().unwrap_or(value).to_owned(),
            None => is.to_owned(),
        },
    }
}

/// On one line.
fn flattened(message: &str) -> String {
    message.lines().map(str::trim).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        currency: String,
        #[serde(default)]
        rewards: Vec<Reward>,
        tiers: Option<Tiers>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Reward {
        id: Spanned<String>,
        points: Spanned<i64>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Tiers {
        metric: Metric,
    }

    #[derive(Debug, PartialEq, Eq, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    enum Metric {
        Spent,
        PointsEarned,
    }

    fn said(source: &str) -> (Option<File>, String) {
        let mistakes = Mistakes::default();
        let file = read(source, &mistakes);
        (file, mistakes.none_in(source).err().map_or_else(String::new, |all| all.to_string()))
    }

    #[test]
    fn all_that_has_no_place_is_said_and_the_rest_is_read() {
        let (file, all) = said(
            "currancy = 5\ncurrency = \"EUR\"\n[tiers]\nmetric = \"spend\"\n\
             [[rewards]]\nid = \"mug\"\npoints = \"five\"\ncolour = \"red\"\n\
             [[rewards]]\nid = \"cup\"\npoints = 5\n[[rewards]]\npoints = 6\n",
        );
        insta::assert_snapshot!(all, @r#"
        line 1, column 1: there is no key `currancy` here; did you mean `currency`?
        line 4, column 10: metric: there is no value `spend` here; did you mean `spent`?
        line 7, column 10: points: use a whole number, not the text "five"
        line 8, column 1: there is no key `colour` here; known are `id`, `points`
        line 12, column 1: `id` is missing
        "#);
        let file = file.unwrap();
        assert_eq!(file.currency, "EUR");
        let [cup] = file.rewards.as_slice() else { panic!("{:?}", file.rewards) };
        assert_eq!((cup.id.get_ref().as_str(), *cup.points.get_ref()), ("cup", 5));
        assert!(file.tiers.is_none());
    }

    #[test]
    fn what_is_right_is_read() {
        let (file, all) = said("currency = \"EUR\"\ntiers.metric = \"points-earned\"\n");
        assert_eq!(all, "");
        assert_eq!(file.unwrap().tiers.unwrap().metric, Metric::PointsEarned);
    }

    #[test]
    fn what_is_no_toml_is_said_once_for_each_place() {
        let (file, all) = said("currency = \"EUR\nrewards = 5 5\n[tiers\nmetric = \"spent\"\n");
        assert!(file.is_none());
        insta::assert_snapshot!(all, @r#"
        line 1, column 16: invalid basic string, expected `"`
        line 2, column 11: string values must be quoted, expected literal string
        line 3, column 7: unclosed table, expected `]`
        "#);
    }

    #[test]
    fn a_head_that_is_not_there_ends_the_reading() {
        let (file, all) = said("a = 1\n[[rewards]]\nid = \"mug\"\npoints = true\n");
        assert!(file.is_none());
        insta::assert_snapshot!(all, @r"
        line 1, column 1: `currency` is missing
        line 1, column 1: there is no key `a` here; known are `currency`, `rewards`, `tiers`
        line 4, column 10: points: use a whole number, not `true`
        ");
    }

    #[test]
    fn no_more_is_said_than_anybody_reads() {
        let many: String = (0..150).map(|number| format!("key-{number} = 1\n")).collect();
        let (file, all) = said(&many);
        assert!(file.is_none());
        assert_eq!(all.lines().count(), super::super::mistakes::SAID_MAX);
    }
}
