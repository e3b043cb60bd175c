//! The values of one row, still as text.

use super::split::Fields;
use indexmap::IndexMap;
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};
use std::borrow::Cow;

/// A JSON object whose values are as they stand in the file.
pub(crate) type Object<'a> = IndexMap<String, &'a RawValue>;

#[derive(Debug)]
pub(crate) enum Cells<'a> {
    Fields(&'a Fields),
    Object(Object<'a>),
}

/// Tells a row from one that says something else, in any column.
pub(super) type Digest = [u8; 32];

impl Cells<'_> {
    pub(super) fn digest(&self) -> Digest {
        let mut hash = Sha256::new();
        let mut add = |text: &[u8]| {
            hash.update(text.len().to_le_bytes());
            hash.update(text);
        };
        match self {
            Self::Fields(fields) => fields.iter().for_each(add),
            Self::Object(object) => object.iter().for_each(|(key, raw)| {
                add(key.as_bytes());
                add(raw.get().as_bytes());
            }),
        }
        hash.finalize().into()
    }
}

/// A value of a row.
#[derive(Debug)]
pub(super) struct Value<'a> {
    pub(super) text: Cow<'a, str>,
    /// Whether it is a JSON number, which is written the same everywhere.
    pub(super) is_number: bool,
}

impl<'a> Value<'a> {
    /// The trimmed text; `None` when it is empty.
    pub(super) fn of_text(text: Cow<'a, str>) -> Option<Self> {
        let text = match text {
            Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
            Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
        };
        (!text.is_empty()).then_some(Self { text, is_number: false })
    }

    /// Text and numbers as they stand, so that no digit of an amount passes through a float.
    pub(super) fn of_json(raw: &'a RawValue) -> Result<Option<Self>, &'static str> {
        match raw.get().as_bytes().first() {
            Some(b'"') => serde_json::from_str::<String>(raw.get())
                .map(|text| Self::of_text(Cow::Owned(text)))
                .map_err(|_| "is not valid text"),
            Some(b'-' | b'0'..=b'9') => {
                Ok(Some(Self { text: Cow::Borrowed(raw.get()), is_number: true }))
            }
            _ if raw.get() == "null" => Ok(None),
            _ => Err("is neither text nor a number"),
        }
    }
}

/// The value under a dotted key.
pub(super) fn lookup<'a>(object: &Object<'a>, key: &str) -> Option<&'a RawValue> {
    if let Some(raw) = object.get(key) {
        return Some(raw);
    }
    let (first, rest) = key.split_once('.')?;
    let inner: Object<'a> = serde_json::from_str(object.get(first)?.get()).ok()?;
    lookup(&inner, rest)
}

/// The objects of an array under a dotted key; none if it is not there, null or empty.
pub(super) fn objects<'a>(cells: &Cells<'a>, key: &str) -> Result<Vec<Cells<'a>>, &'static str> {
    let Cells::Object(object) = cells else { return Ok(Vec::new()) };
    let Some(raw) = lookup(object, key).filter(|raw| raw.get() != "null") else {
        return Ok(Vec::new());
    };
    let objects: Result<Vec<Object<'a>>, _> = serde_json::from_str(raw.get());
    objects
        .map(|objects| objects.into_iter().map(Cells::Object).collect())
        .map_err(|_| "is not a list of objects")
}
