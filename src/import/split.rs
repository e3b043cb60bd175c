//! Cuts a row into fields. CSV is RFC 4180: fields in quotes may hold delimiters, line ends and
//! doubled quotes. It is cut line by line, so that a quote that is never closed costs one row and
//! not the rest of the file.

/// The fields of one row, without their quotes.
#[derive(Debug, Default)]
pub(crate) struct Fields {
    text: Vec<u8>,
    ends: Vec<usize>,
}

impl Fields {
    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The field at `index`, from 0.
    pub(super) fn get(&self, index: usize) -> Option<&[u8]> {
        let end = *self.ends.get(index)?;
        let start = if index == 0 { 0 } else { *self.ends.get(index - 1)? };
        self.text.get(start..end)
    }

    /// Keeps the first fields.
    pub(super) fn truncate(&mut self, len: usize) {
        self.ends.truncate(len);
        self.text.truncate(self.ends.last().copied().unwrap_or(0));
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.len()).filter_map(|index| self.get(index))
    }

    /// Cuts a line at runs of spaces and tabs.
    pub(super) fn split_whitespace(&mut self, line: &[u8]) {
        for field in line.split(u8::is_ascii_whitespace).filter(|field| !field.is_empty()) {
            self.text.extend_from_slice(field);
            self.end_field();
        }
    }

    fn end_field(&mut self) {
        self.ends.push(self.text.len());
    }
}

/// How far a line brought the row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    Complete,
    /// A quoted field continues in the next line.
    Open,
    /// A quoted field is followed by something that is not a delimiter.
    Broken,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    FieldStart,
    Bare,
    Quoted,
    /// After a quote within a quoted field: its end, or the first of two.
    Quote,
}

/// Cuts CSV; one for each row.
#[derive(Debug)]
pub(super) struct CsvRow {
    delimiter: u8,
    state: State,
}

impl CsvRow {
    pub(super) fn new(delimiter: u8) -> Self {
        Self { delimiter, state: State::FieldStart }
    }

    /// Takes the next line of the row.
    pub(super) fn line(&mut self, line: &[u8], fields: &mut Fields) -> Progress {
        let body = line.strip_suffix(b"\n").unwrap_or(line);
        let body = body.strip_suffix(b"\r").unwrap_or(body);
        for &byte in body {
            self.state = match (self.state, byte) {
                (State::FieldStart | State::Quote, b'"') => {
                    if self.state == State::Quote {
                        fields.text.push(b'"');
                    }
                    State::Quoted
                }
                (State::Quoted, b'"') => State::Quote,
                (State::FieldStart | State::Bare | State::Quote, _) if byte == self.delimiter => {
                    fields.end_field();
                    State::FieldStart
                }
                (State::Quote, _) => return Progress::Broken,
                (State::FieldStart, _) => {
                    fields.text.push(byte);
                    State::Bare
                }
                (same @ (State::Bare | State::Quoted), _) => {
                    fields.text.push(byte);
                    same
                }
            };
        }
        if self.state == State::Quoted {
            fields.text.extend_from_slice(&line[body.len()..]);
            return Progress::Open;
        }
        fields.end_field();
        Progress::Complete
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_protect_delimiters_line_ends_and_quotes() {
        let mut fields = Fields::default();
        let mut row = CsvRow::new(b';');
        assert_eq!(row.line(b"a;\"b;\"\"c\"\"\r\n", &mut fields), Progress::Open);
        assert_eq!(row.line(b"d\";5\" pipe;\r\n", &mut fields), Progress::Complete);
        let all = |fields: &Fields| fields.iter().map(<[u8]>::to_vec).collect::<Vec<_>>();
        assert_eq!(all(&fields), [&b"a"[..], b"b;\"c\"\r\nd", b"5\" pipe", b""]);
        fields.truncate(1);
        assert_eq!(all(&fields), [b"a"]);
        assert_eq!(CsvRow::new(b',').line(b"\"a\"b,c", &mut fields), Progress::Broken);
    }
}
