//! The tokens of a document, read without recursion and in one pass: each byte is looked at a fixed
//! number of times. It ends strings and comments where the parser ends them, so that brackets are
//! brackets to both.

/// A piece of a document. Commas, white space and comments are none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'q> {
    /// `...`
    Spread,
    /// What stands between the quotes, as written, and whether they are three.
    String(&'q str, bool),
    /// A name, or a number: what the parser takes as one word.
    Word(&'q str),
    /// Any other character, also one that the parser refuses.
    Character(char),
}

/// A string that does not end. The parser would read an open block string as an empty string and go
/// on behind it; the specification calls it an error, and so do we.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unclosed;

pub(super) struct Tokens<'q> {
    rest: &'q str,
}

impl<'q> Tokens<'q> {
    pub(super) const fn of(document: &'q str) -> Self {
        Self { rest: document }
    }

    /// Takes what comes before a byte position.
    fn take(&mut self, bytes: usize) -> &'q str {
        let (taken, rest) = self.rest.split_at(bytes);
        self.rest = rest;
        taken
    }

    fn skip_ignored(&mut self) {
        loop {
            let ignored = |c| matches!(c, ' ' | ',' | '\t' | '\n' | '\r' | '\u{feff}');
            self.rest = self.rest.trim_start_matches(ignored);
            if !self.rest.starts_with('#') {
                return;
            }
            let end = self.rest.find(['\n', '\r']).unwrap_or(self.rest.len());
            self.take(end);
        }
    }

    fn string(&mut self) -> Result<Token<'q>, Unclosed> {
        let is_block = self.rest.starts_with("\"\"\"");
        let quotes = if is_block { 3 } else { 1 };
        self.take(quotes);
        let inside = if is_block { block_bytes(self.rest) } else { line_bytes(self.rest) };
        let inside = self.take(inside.ok_or(Unclosed)?);
        self.take(quotes);
        Ok(Token::String(inside, is_block))
    }
}

impl<'q> Iterator for Tokens<'q> {
    type Item = Result<Token<'q>, Unclosed>;

    fn next(&mut self) -> Option<Self::Item> {
        self.skip_ignored();
        let first = self.rest.chars().next()?;
        if first == '"' {
            return Some(self.string());
        }
        if self.rest.starts_with("...") {
            self.take(3);
            return Some(Ok(Token::Spread));
        }
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let word = self.rest.find(|c| !is_word(c)).unwrap_or(self.rest.len());
        let token = match word {
            0 => {
                self.take(first.len_utf8());
                Token::Character(first)
            }
            bytes => Token::Word(self.take(bytes)),
        };
        Some(Ok(token))
    }
}

/// How long the string is that `text` goes on with. A backslash escapes the next character; a line
/// does not end inside.
fn line_bytes(text: &str) -> Option<usize> {
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some(at),
            '\n' | '\r' => return None,
            '\\' => drop(characters.next()),
            _ => {}
        }
    }
    None
}

/// How long the block string is that `text` goes on with. A backslash escapes three quotes and
/// nothing else.
fn block_bytes(text: &str) -> Option<usize> {
    let mut at = 0;
    loop {
        at += text[at..].find("\"\"\"")?;
        if !text[..at].ends_with('\\') {
            return Some(at);
        }
        at += 3;
    }
}
