//! The own text of a row that was refused, with what an error file adds to it.

use super::frame::Frame;
use super::header::ERROR_COLUMNS;
use super::row_error::RowError;
use super::shape::Format;
use serde_json::Value;
use std::io;

/// The most of a row that could not be cut into fields.
const TEXT_CHARS_MAX: usize = 1000;

/// A space that does not end a column where columns end at spaces.
const NO_BREAK_SPACE: &str = "\u{a0}";

/// What a row says, as far as that can be told.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    Fields(Vec<Vec<u8>>),
    /// The keys and values of an object, without its braces.
    Object(String),
}

/// How the four columns of an error stand behind a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tail {
    /// Under the header's names.
    Plain,
    /// Each with its own name, as the file has no header.
    Named,
}

impl Refused {
    /// `width` is how many fields a row has.
    pub(super) fn of(frame: &Frame<'_>, width: usize) -> Self {
        let text = || {
            let text = String::from_utf8_lossy(frame.raw);
            text.trim_end().chars().take(TEXT_CHARS_MAX).collect::<String>()
        };
        if frame.format == Format::Ndjson {
            return Self::Object(match frame.object() {
                Ok(object) if frame.is_cut() => {
                    let pairs = object.iter().map(|(key, raw)| pair(key, raw.get()));
                    pairs.collect::<Vec<_>>().join(",")
                }
                _ => pair("error_text", &Value::from(text()).to_string()),
            });
        }
        // A row with an open quote stands in the first column, where its quotes are harmless.
        let mut fields: Vec<_> = match frame.is_cut() {
            true => frame.fields.iter().map(<[u8]>::to_vec).collect(),
            false => vec![text().into_bytes()],
        };
        // What is missing is empty, so that the error stands under its own header.
        fields.resize(fields.len().max(width), Vec::new());
        Self::Fields(fields)
    }

    /// A row of CSV with its line end.
    pub(super) fn csv(self, error: &RowError, delimiter: u8, tail: Tail) -> io::Result<Vec<u8>> {
        let fields = self.fields().into_iter().chain(added(error, tail).map(String::into_bytes));
        csv_record(fields, delimiter)
    }

    /// Columns with spaces between them.
    pub(super) fn columns(self, error: &RowError) -> Vec<u8> {
        let added = added(error, Tail::Named).map(|text| {
            text.split_ascii_whitespace().collect::<Vec<_>>().join(NO_BREAK_SPACE).into_bytes()
        });
        let fields = self.fields().into_iter().filter(|field| !field.is_empty());
        let mut line = fields.chain(added).collect::<Vec<_>>().join(&b' ');
        line.push(b'\n');
        line
    }

    /// A JSON object in a line.
    pub(super) fn object(self, error: &RowError) -> Vec<u8> {
        let own = match self {
            Self::Object(own) => own,
            Self::Fields(_) => String::new(),
        };
        let values = [
            Value::from(error.place.line),
            Value::from(&error.column[..]),
            Value::from(error.code.as_str()),
            Value::from(&error.reason[..]),
        ];
        let added = ERROR_COLUMNS.iter().zip(values);
        let added = added.map(|(name, value)| pair(name, &value.to_string()));
        let own = Some(own).filter(|own| !own.is_empty());
        let pairs: Vec<_> = own.into_iter().chain(added).collect();
        format!("{{{}}}\n", pairs.join(",")).into_bytes()
    }

    fn fields(self) -> Vec<Vec<u8>> {
        match self {
            Self::Fields(fields) => fields,
            Self::Object(text) => vec![text.into_bytes()],
        }
    }
}

pub(super) fn csv_record(
    fields: impl IntoIterator<Item = impl AsRef<[u8]>>,
    delimiter: u8,
) -> io::Result<Vec<u8>> {
    let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new());
    writer.write_record(fields)?;
    writer.into_inner().map_err(csv::IntoInnerError::into_error)
}

fn added(error: &RowError, tail: Tail) -> impl Iterator<Item = String> {
    let line = error.place.line.to_string();
    let values = [line.as_str(), &error.column, error.code.as_str(), &error.reason];
    let values = values.map(str::to_owned);
    ERROR_COLUMNS.iter().zip(values).map(move |(name, value)| match tail {
        Tail::Plain => value,
        Tail::Named => format!("{name}={value}"),
    })
}

fn pair(key: &str, value: &str) -> String {
    format!("{}:{value}", Value::from(key))
}
