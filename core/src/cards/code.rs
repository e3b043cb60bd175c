//! Codes: how one is made, how it is typed, and what is kept of it. Pure but for the randomness of a
//! new one.
//!
//! A code that is made has 19 random characters of 32 – 95 bits – and a check character, in groups of
//! four. None of them is confused with another: there is no I, L, O or U. However a code is typed,
//! it is compared in one form: without spaces and hyphens, in capitals, with 0 for O and 1 for I and
//! L. So two codes that people would confuse are one.

use crate::hash::{salt, sha256, sha256_hex};
use crate::text::invalid;
use crate::{Id, ProgramId, Result};
use serde::{Serialize, Serializer};
use std::fmt;

/// Without I, L, O and U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// How many characters a made code has, its check character included.
const MADE: usize = 20;
const GROUP: usize = 4;
/// The fewest and the most characters of a code that an operator brings.
const MIN: usize = 8;
const MAX: usize = 64;
/// The fewest of a gift card's: whoever has the code has the points.
const MIN_OF_GIFT_CARD: usize = 16;

/// A card's code, in the form in which codes are compared. It is shown to people by
/// [`CardCode::shown`] alone.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct CardCode(String);

impl CardCode {
    /// A code as somebody typed it. Fails with `INVALID_INPUT` at `code` for what can be none.
    pub fn parse(text: &str) -> Result<Self> {
        let typed = text.chars().filter(|one| !matches!(one, ' ' | '-'));
        let code: String = typed.take(MAX + 1).map(normal).collect();
        let is_plain = code.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if is_plain && (MIN..=MAX).contains(&code.len()) {
            return Ok(Self(code));
        }
        let why = format!(
            "use {MIN} to {MAX} letters A to Z and digits; spaces and hyphens do not count"
        );
        Err(invalid("code", why))
    }

    /// A new one, which nobody can guess.
    pub(super) fn made() -> Self {
        let digest = sha256_hex(&[salt(), salt()].concat());
        let mut random = u128::from_str_radix(&digest[..32], 16).unwrap_or_default();
        let mut places = Vec::with_capacity(MADE);
        for _ in 1..MADE {
            places.push(usize::try_from(random % 32).unwrap_or_default());
            random /= 32;
        }
        places.push(check(&places));
        Self(places.into_iter().map(|place| char::from(ALPHABET[place])).collect())
    }

    /// For people: in groups of four.
    pub fn shown(&self) -> String {
        let groups: Vec<&str> = (0..self.0.len())
            .step_by(GROUP)
            .map(|from| &self.0[from..self.0.len().min(from + GROUP)])
            .collect();
        groups.join("-")
    }

    /// What is kept of it, and compared. Of a code that is made nobody finds it out; one that an
    /// operator brings is as safe as it is long.
    pub(super) fn hash(&self, program: ProgramId) -> Vec<u8> {
        sha256(&[program.uuid().as_bytes(), self.0.as_bytes()])
    }

    /// As it is compared, for whoever has to tell codes apart while a request is served.
    pub(crate) fn text(&self) -> &str {
        &self.0
    }

    /// Its last four characters, by which people tell cards apart.
    pub(super) fn last_four(&self) -> &str {
        &self.0[self.0.len() - GROUP..]
    }

    /// Whether it is long enough to be a gift card's.
    pub(super) fn is_long(&self) -> bool {
        self.0.len() >= MIN_OF_GIFT_CARD
    }

    /// Fails with `INVALID_INPUT` unless it is long enough to be a gift card's.
    pub(super) fn check_long(&self) -> Result<()> {
        if self.is_long() {
            return Ok(());
        }
        let why = format!(
            "the code of a gift card has {MIN_OF_GIFT_CARD} to {MAX} characters: whoever guesses it \
             has the points"
        );
        Err(invalid("code", why))
    }

    /// Whether it looks like one that was made, but for its check character.
    pub(super) fn is_mistyped(&self) -> bool {
        let places: Option<Vec<usize>> = self.0.bytes().map(place).collect();
        let Some(places) = places.filter(|places| places.len() == MADE) else { return false };
        check(&places[..MADE - 1]) != places[MADE - 1]
    }
}

fn normal(typed: char) -> char {
    match typed.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    }
}

fn place(byte: u8) -> Option<usize> {
    ALPHABET.iter().position(|known| *known == byte)
}

/// The place of the check character: Luhn's sum, modulo 32. It finds each wrong character, and
/// neighbours that changed places but for 0 and Z.
fn check(places: &[usize]) -> usize {
    let doubled = |place: usize| (2 * place) / 32 + (2 * place) % 32;
    let from_the_end = places.iter().rev().enumerate();
    let sum: usize = from_the_end
        .map(|(index, place)| if index % 2 == 0 { doubled(*place) } else { *place })
        .sum();
    (32 - sum % 32) % 32
}

/// Stands for a code without saying it, such as in the hash of a request.
impl Serialize for CardCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&sha256_hex(self.0.as_bytes()))
    }
}

impl fmt::Debug for CardCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CardCode(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_code_that_is_made_is_read_however_it_is_typed() {
        for _ in 0..200 {
            let code = CardCode::made();
            let shown = code.shown();
            assert_eq!(shown.len(), 24, "{shown}");
            assert!(!code.is_mistyped() && code.is_long());
            let confused = shown.to_lowercase().replace('0', "o").replace('1', "l");
            for typed in [shown.replace('-', " "), shown.replace('-', ""), confused] {
                assert_eq!(CardCode::parse(&typed).unwrap(), code, "{typed}");
            }
            assert_eq!(code.last_four(), &shown[20..]);
            assert!(!format!("{code:?}").contains(&shown[..4]));
        }
    }

    #[test]
    fn what_can_be_no_code_is_refused() {
        for wrong in ["", "1234567", "1234-567", "123456789€", "a".repeat(65).as_str(), "12345678;"]
        {
            assert!(CardCode::parse(wrong).is_err(), "{wrong}");
        }
        assert!(CardCode::parse(&" 4-".repeat(64)).is_ok());
        let short = CardCode::parse("123456789012345").unwrap();
        assert!(short.check_long().is_err());
    }

    proptest! {
        #[test]
        fn a_wrong_character_is_noticed(at in 0_usize..20, by in 1_usize..32) {
            let code = CardCode::made();
            let mut places: Vec<_> = code.0.bytes().map(|byte| place(byte).unwrap()).collect();
            places[at] = (places[at] + by) % 32;
            let text: String = places.iter().map(|place| char::from(ALPHABET[*place])).collect();
            prop_assert!(CardCode(text).is_mistyped());
        }

        #[test]
        fn neighbours_that_changed_places_are_noticed(at in 0_usize..19) {
            let code = CardCode::made();
            let mut text = code.0.clone().into_bytes();
            text.swap(at, at + 1);
            let is_same = text[at] == text[at + 1];
            let is_first_and_last = text[at..=at + 1].iter().all(|one| matches!(one, b'0' | b'Z'));
            let text = String::from_utf8(text).unwrap();
            prop_assert!(is_same || is_first_and_last || CardCode(text).is_mistyped());
        }
    }
}
