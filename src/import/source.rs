//! Where one value of a row is: in a field, under a key, or in the mapping itself.

use super::{
    cells::{Cells, Value, lookup},
    lines::Place,
    row_error::RowError,
    shape::{Column, Constant, Format},
};
use perennial_core::{Code, Error, Result};
use std::borrow::Cow;

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
        place: Place,
        cells: &'a Cells<'_>,
    ) -> Result<Value<'a>, RowError> {
        self.value(place, cells)?.ok_or_else(|| self.refused(place, "the value is missing"))
    }

    /// `None` when it is empty.
    pub(super) fn value<'a>(
        &'a self,
        place: Place,
        cells: &'a Cells<'_>,
    ) -> Result<Option<Value<'a>>, RowError> {
        let value = self.find_value(cells).map_err(|reason| self.refused(place, reason))?;
        if value.as_ref().is_some_and(|value| value.text.contains(char::REPLACEMENT_CHARACTER)) {
            let reason = "holds characters that cannot be read; check `encoding` in the mapping";
            return Err(self.refused(place, reason));
        }
        Ok(value)
    }

    /// The text of a value, where it has one.
    pub(super) fn text(&self, place: Place, cells: &Cells<'_>) -> Result<Option<String>, RowError> {
        Ok(self.value(place, cells)?.map(|value| value.text.into_owned()))
    }

    pub(super) fn refused(&self, place: Place, reason: impl Into<String>) -> RowError {
        RowError::new(place, Code::InvalidInput, reason).about(self.label())
    }

    fn find_value<'a>(&'a self, cells: &'a Cells<'_>) -> Result<Option<Value<'a>>, &'static str> {
        match (self, cells) {
            (Self::Constant { value, .. }, _) => Ok(Value::of_text(Cow::Borrowed(value))),
            (Self::Field { index, .. }, Cells::Fields(fields)) => {
                let bytes = fields.get(*index).unwrap_or_default();
                let text = std::str::from_utf8(bytes).map_err(
                    |_| "is not UTF-8; if the file has another encoding, name it in the mapping",
                )?;
                Ok(Value::of_text(Cow::Borrowed(text)))
            }
            (Self::Key { label }, Cells::Object(object)) => {
                lookup(object, label).map_or(Ok(None), Value::of_json)
            }
            _ => Ok(None),
        }
    }
}
