//! What stands between braces: `$name` is a parameter as it is, `NUMBER($name)` and `DATE($name)` are
//! one in the form of the reader's language.

use fluent_syntax::ast::{CallArguments, InlineExpression};
use fluent_syntax::unicode::unescape_unicode_to_string;
use icu_plurals::PluralRuleType;
use std::borrow::Cow;

#[derive(Debug)]
pub(super) enum Operand<'t> {
    Literal(Cow<'t, str>),
    Text(&'t str),
    Number(&'t str, PluralRuleType),
    Date(&'t str, DateStyle),
}

/// How much a date says.
#[derive(Clone, Copy, Debug)]
pub(super) enum DateStyle {
    /// With the day of the week.
    Full,
    Long,
    Medium,
    Short,
}

/// What a parameter has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Number,
    Date,
}

type Expression = InlineExpression<String>;

impl<'t> Operand<'t> {
    /// Fails with why it cannot stand there.
    pub(super) fn of(expression: &'t Expression) -> Result<Self, String> {
        match expression {
            InlineExpression::StringLiteral { value } => {
                Ok(Self::Literal(unescape_unicode_to_string(value)))
            }
            InlineExpression::NumberLiteral { value } => Ok(Self::Literal(value.into())),
            InlineExpression::VariableReference { id } => Ok(Self::Text(&id.name)),
            InlineExpression::FunctionReference { id, arguments } => call(&id.name, arguments),
            InlineExpression::MessageReference { id, .. } => Err(format!(
                "`{0}` is another text, and a text stands by itself; a parameter is `{{ ${0} }}`",
                id.name
            )),
            InlineExpression::TermReference { id, .. } => {
                Err(format!("`-{}` is a term, and there are none here", id.name))
            }
            InlineExpression::Placeable { .. } => {
                Err("braces in braces: write `{ $name }`, and `{\"{\"}` for a brace".to_owned())
            }
        }
    }

    /// The parameter that it needs, and what that has to be.
    pub(super) fn parameter(&self) -> Option<(&'t str, Kind)> {
        match *self {
            Self::Literal(_) => None,
            Self::Text(name) => Some((name, Kind::Text)),
            Self::Number(name, _) => Some((name, Kind::Number)),
            Self::Date(name, _) => Some((name, Kind::Date)),
        }
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Text => "a text",
            Self::Number => "a number",
            Self::Date => "a date",
        })
    }
}

fn call<'t>(function: &str, arguments: &'t CallArguments<String>) -> Result<Operand<'t>, String> {
    let name = match arguments.positional.as_slice() {
        [InlineExpression::VariableReference { id }] => id.name.as_str(),
        _ => return Err(format!("`{function}` takes one parameter: `{function}($name)`")),
    };
    let option = |option: &str| named(function, arguments, option);
    match function {
        "NUMBER" => Ok(Operand::Number(
            name,
            match option("type")? {
                None | Some("cardinal") => PluralRuleType::Cardinal,
                Some("ordinal") => PluralRuleType::Ordinal,
                Some(other) => return Err(format!("`{other}` is neither cardinal nor ordinal")),
            },
        )),
        "DATE" => Ok(Operand::Date(
            name,
            match option("dateStyle")? {
                Some("full") => DateStyle::Full,
                None | Some("long") => DateStyle::Long,
                Some("medium") => DateStyle::Medium,
                Some("short") => DateStyle::Short,
                Some(other) => {
                    return Err(format!("`{other}` is none of full, long, medium and short"));
                }
            },
        )),
        _ => Err(format!("there is no function `{function}`; known are DATE and NUMBER")),
    }
}

/// The option of a function, which has no other.
fn named<'t>(
    function: &str,
    arguments: &'t CallArguments<String>,
    option: &str,
) -> Result<Option<&'t str>, String> {
    match arguments.named.as_slice() {
        [] => Ok(None),
        [argument] if argument.name.name == option => match &argument.value {
            InlineExpression::StringLiteral { value } => Ok(Some(value)),
            _ => Err(format!("the value of `{option}` is a text in quotes")),
        },
        _ => Err(format!("`{function}` has one option, `{option}`")),
    }
}
