//! Amounts as people write them: `1.234,56`, `€ 12`, `12 kr`.

use super::shape::invalid;
use perennial_core::{Currency, Result};
use serde::Deserialize;
use std::{borrow::Cow, collections::BTreeMap};

/// How a file writes amounts; without it, digits with at most one point between them.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Amounts {
    /// What stands before the decimals.
    decimal: char,
    /// What stands between thousands, if anything.
    thousands: Option<char>,
    /// What may stand before or after an amount, and the currency that it says.
    signs: BTreeMap<String, Currency>,
}

/// An amount in plain decimal text, as [`Currency::minor_units`] reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Amount {
    pub(crate) text: String,
    /// The currency that its sign says.
    pub(crate) currency: Option<Currency>,
}

impl Default for Amounts {
    fn default() -> Self {
        Self { decimal: '.', thousands: None, signs: BTreeMap::new() }
    }
}

impl Amounts {
    /// Fails with `INVALID_INPUT` when amounts could be read in two ways.
    pub(super) fn check(&self) -> Result<()> {
        let is_mark = |mark: char| !mark.is_alphanumeric() && mark != '-' && mark != '+';
        if !is_mark(self.decimal) || !self.thousands.is_none_or(is_mark) {
            return Err(invalid("amounts: use marks such as `.`, `,`, `'` or a space"));
        }
        if self.thousands.is_some_and(|mark| is_same(mark, self.decimal)) {
            return Err(invalid("amounts: `decimal` and `thousands` are the same"));
        }
        let is_sign = |sign: &String| {
            sign.trim() == sign && !sign.is_empty() && !sign.contains(|c: char| c.is_numeric())
        };
        if !self.signs.keys().all(is_sign) {
            return Err(invalid("amounts.signs: a sign has no digits and no spaces around it"));
        }
        Ok(())
    }

    /// Whether amounts may say a currency.
    pub(super) fn has_signs(&self) -> bool {
        !self.signs.is_empty()
    }

    /// Whether a space is part of an amount.
    pub(super) fn has_spaces(&self) -> bool {
        self.thousands.is_some_and(char::is_whitespace)
    }

    /// Reads an amount. Fails with what was expected.
    pub(super) fn read(&self, text: &str) -> Result<Amount, String> {
        let (number, currency) = self.without_sign(text.trim());
        let plain = self.plain(number).ok_or_else(|| self.expected())?;
        Ok(Amount { text: plain.into_owned(), currency })
    }

    fn without_sign<'a>(&self, text: &'a str) -> (&'a str, Option<Currency>) {
        // The longest, as `US$` ends with `$`.
        let found = self.signs.iter().filter_map(|(sign, currency)| {
            let rest = text.strip_prefix(sign).or_else(|| text.strip_suffix(sign))?;
            Some((sign.len(), rest.trim(), *currency))
        });
        match found.max_by_key(|(len, ..)| *len) {
            Some((_, rest, currency)) => (rest, Some(currency)),
            None => (text, None),
        }
    }

    fn plain<'a>(&self, number: &'a str) -> Option<Cow<'a, str>> {
        let (whole, fraction) = match number.split_once(self.decimal) {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (number, None),
        };
        let whole = self.whole(whole)?;
        match fraction {
            Some(fraction) if !is_digits(fraction) => None,
            Some(fraction) => Some(Cow::Owned(format!("{whole}.{fraction}"))),
            None => Some(whole),
        }
    }

    /// Thousands are groups of three. Without that, `12.50` would be 1250 where points stand
    /// between thousands.
    fn whole<'a>(&self, text: &'a str) -> Option<Cow<'a, str>> {
        let groups: Vec<&str> = match self.thousands {
            Some(mark) => text.split(|found| is_same(mark, found)).collect(),
            None => vec![text],
        };
        let [first, rest @ ..] = &groups[..] else { return None };
        let is_sound = is_digits(first)
            && (rest.is_empty() || first.len() <= 3)
            && rest.iter().all(|group| group.len() == 3 && is_digits(group));
        match rest {
            _ if !is_sound => None,
            [] => Some(Cow::Borrowed(first)),
            _ => Some(Cow::Owned(groups.concat())),
        }
    }

    fn expected(&self) -> String {
        let decimal = self.decimal;
        let example = match self.thousands {
            Some(mark) => format!("1{mark}234{decimal}56"),
            None => format!("29{decimal}33"),
        };
        format!("is not a decimal amount such as {example}, zero or more")
    }
}

/// A space stands for the spaces that do not break as well.
fn is_same(mark: char, found: char) -> bool {
    mark == found || (mark.is_whitespace() && found.is_whitespace())
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
