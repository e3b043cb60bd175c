//! Where one value of a row is: in a field, under a key, or in the mapping itself.

use super::{
    RowError,
    mapping::{Column, Constant, Format},
    split::Fields,
};
use perennial_core::{Code, Error, Result};
use serde_json::value::RawValue;
use std::{borrow::Cow, collections::BTreeMap};

/// The values of one row, still as text.
#[derive(Debug)]
pub(super) enum Cells<'a> {
    Fields(&'a Fields),
    Object(BTreeMap<Cow<'a, str>, &'a RawValue>),
}

/// Where one value comes from. The label is what the file calls it.
#[derive(Debug)]
pub(super) enum Source {
    Absent { label: &'static str },
    Field { label: String, index: usize },
    Key { label: String },
    Constant { label: &'static str, value: String },
}

impl Source {
    /// Finds a column. `label` is what it is called when the mapping is silent; the header is
    /// absent where files have none.
    pub(super) fn find(
        column: Option<Column>,
        label: &'static str,
        format: Format,
        header: Option<&[String]>,
    ) -> Result<Self> {
        let wrong = |why: String| Error::new(Code::InvalidInput, format!("columns.{label}: {why}"));
        match (column, format, header) {
            (Some(Column::Constant(Constant { value })), ..) => Ok(Self::Constant { label, value }),
            (Some(Column::Name(key)), Format::Ndjson, _) => Ok(Self::Key { label: key }),
            (None, Format::Ndjson, _) => Ok(Self::Key { label: label.to_owned() }),
            (Some(Column::Number(_)), Format::Ndjson, _) => {
                Err(wrong("NDJSON has keys, not numbered columns".to_owned()))
            }
            (Some(Column::Number(0)), ..) => Err(wrong("columns are numbered from 1".to_owned())),
            (Some(Column::Number(number)), _, header) => {
                let columns = header.map_or(number, <[String]>::len);
                if number > columns {
                    return Err(wrong(format!("there is no column {number}, only {columns}")));
                }
                Ok(Self::Field { label: number.to_string(), index: number - 1 })
            }
            (Some(Column::Name(name)), _, None) => {
                Err(wrong(format!("without a header, use a number from 1 in place of `{name}`")))
            }
            (None, _, None) => Ok(Self::Absent { label }),
            (None, _, Some(header)) if !header.iter().any(|name| name == label) => {
                Ok(Self::Absent { label })
            }
            (None, _, Some(header)) => Self::named(label.to_owned(), header).map_err(wrong),
            (Some(Column::Name(name)), _, Some(header)) => Self::named(name, header).map_err(wrong),
        }
    }

    fn named(name: String, header: &[String]) -> Result<Self, String> {
        let mut places = (0..header.len()).filter(|index| header[*index] == name);
        match (places.next(), places.next()) {
            (Some(index), None) => Ok(Self::Field { label: name, index }),
            (Some(_), Some(_)) => Err(format!("the header has `{name}` twice; use the number")),
            (None, _) => Err(format!("the header has no `{name}`; it has {}", header.join(", "))),
        }
    }

    /// Fails unless the file can have the value.
    pub(super) fn required(self) -> Result<Self> {
        let Self::Absent { label } = self else { return Ok(self) };
        let hint = if label == "reference" {
            ", or derive one: [reference] derive = [\"member\", \"date\", \"occurrence\"]"
        } else {
            ""
        };
        let why = format!("the file has no column `{label}`; name it in the mapping{hint}");
        Err(Error::new(Code::InvalidInput, format!("columns.{label}: {why}")))
    }

    /// How many fields a row needs for this value to be there.
    pub(super) fn fields_min(&self) -> usize {
        match self {
            Self::Field { index, .. } => index + 1,
            _ => 0,
        }
    }

    pub(super) fn label(&self) -> &str {
        match self {
            Self::Absent { label } | Self::Constant { label, .. } => label,
            Self::Field { label, .. } | Self::Key { label } => label,
        }
    }

    pub(super) fn required_value<'a>(
        &'a self,
        line: u64,
        cells: &'a Cells<'_>,
    ) -> Result<Cow<'a, str>, RowError> {
        let missing = || {
            RowError::new(line, Code::InvalidInput, "the value is missing").about(self.label(), "")
        };
        self.value(line, cells)?.ok_or_else(missing)
    }

    /// The trimmed text; `None` when it is empty.
    pub(super) fn value<'a>(
        &'a self,
        line: u64,
        cells: &'a Cells<'_>,
    ) -> Result<Option<Cow<'a, str>>, RowError> {
        let refused = |reason: &str, value: &str| {
            RowError::new(line, Code::InvalidInput, reason).about(self.label(), value)
        };
        let text = match (self, cells) {
            (Self::Constant { value, .. }, _) => Cow::Borrowed(value.as_str()),
            (Self::Field { index, .. }, Cells::Fields(fields)) => {
                let bytes = fields.get(*index).unwrap_or_default();
                let text = std::str::from_utf8(bytes)
                    .map_err(|_| refused("is not UTF-8", &String::from_utf8_lossy(bytes)))?;
                Cow::Borrowed(text)
            }
            (Self::Key { label }, Cells::Object(object)) => {
                let Some(raw) = lookup(object, label) else { return Ok(None) };
                scalar(raw).map_err(|reason| refused(reason, raw.get()))?
            }
            _ => return Ok(None),
        };
        Ok(trimmed(text))
    }
}

/// The value under a dotted key.
fn lookup<'a>(object: &BTreeMap<Cow<'a, str>, &'a RawValue>, key: &str) -> Option<&'a RawValue> {
    if let Some(raw) = object.get(key) {
        return Some(raw);
    }
    let (first, rest) = key.split_once('.')?;
    let inner: BTreeMap<Cow<'a, str>, &'a RawValue> =
        serde_json::from_str(object.get(first)?.get()).ok()?;
    lookup(&inner, rest)
}

/// Text and numbers as they stand, so that no digit of an amount passes through a float.
fn scalar(raw: &RawValue) -> Result<Cow<'_, str>, &'static str> {
    match raw.get().as_bytes().first() {
        Some(b'"') => serde_json::from_str::<String>(raw.get())
            .map(Cow::Owned)
            .map_err(|_| "is not valid text"),
        Some(b'-' | b'0'..=b'9') => Ok(Cow::Borrowed(raw.get())),
        _ if raw.get() == "null" => Ok(Cow::Borrowed("")),
        _ => Err("is neither text nor a number"),
    }
}

fn trimmed(text: Cow<'_, str>) -> Option<Cow<'_, str>> {
    let text = match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    };
    (!text.is_empty()).then_some(text)
}
