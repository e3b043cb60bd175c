//! Filling a text with the values that a call brings.

use super::conventions::{self, Conventions};
use super::operand::Operand;
use crate::limits::RENDERED_BYTES;
use fluent_syntax::ast::{Expression, Pattern, PatternElement, Variant, VariantKey};
use icu_decimal::input::Decimal;
use icu_plurals::PluralRuleType;
use std::borrow::Cow;

/// Fails with the name of a parameter that has no value or one of the wrong kind, and if the filled text
/// is too long.
pub(super) fn fill(
    pattern: &Pattern<String>,
    parameters: &[(String, String)],
    conventions: &Conventions,
) -> Result<String, String> {
    let mut filling = Filling { parameters, conventions, text: String::new() };
    filling.pattern(pattern)?;
    Ok(filling.text)
}

struct Filling<'a> {
    parameters: &'a [(String, String)],
    conventions: &'a Conventions,
    text: String,
}

enum Value<'a> {
    Text(Cow<'a, str>),
    Number(Decimal, PluralRuleType),
}

impl<'a> Filling<'a> {
    fn pattern(&mut self, pattern: &'a Pattern<String>) -> Result<(), String> {
        for element in &pattern.elements {
            match element {
                PatternElement::TextElement { value } => self.push(value)?,
                PatternElement::Placeable { expression } => self.expression(expression)?,
            }
        }
        Ok(())
    }

    fn expression(&mut self, expression: &'a Expression<String>) -> Result<(), String> {
        match expression {
            Expression::Inline(inline) => {
                let said = match self.value(Operand::of(inline)?)? {
                    Value::Text(text) => text,
                    Value::Number(number, _) => self.conventions.number(&number)?.into(),
                };
                self.push(&said)
            }
            Expression::Select { selector, variants } => {
                let value = self.value(Operand::of(selector)?)?;
                match self.variant(&value, variants)? {
                    Some(variant) => self.pattern(&variant.value),
                    None => Ok(()),
                }
            }
        }
    }

    fn value(&self, operand: Operand<'a>) -> Result<Value<'a>, String> {
        match operand {
            Operand::Literal(text) => Ok(Value::Text(text)),
            Operand::Text(name) => Ok(Value::Text(self.parameter(name)?.into())),
            Operand::Number(name, kind) => match conventions::number(self.parameter(name)?) {
                Some(number) => Ok(Value::Number(number, kind)),
                None => Err(format!("`${name}` has to be a number such as 1200 or 12.5")),
            },
            Operand::Date(name, style) => match conventions::date(self.parameter(name)?) {
                Some(date) => Ok(Value::Text(self.conventions.date(date, style)?.into())),
                None => Err(format!("`${name}` has to be a date such as 2026-11-22")),
            },
        }
    }

    fn parameter(&self, name: &str) -> Result<&'a str, String> {
        let found = self.parameters.iter().find(|(parameter, _)| parameter == name);
        let without = || format!("the template needs a value for `${name}`");
        found.map(|(_, value)| value.as_str()).ok_or_else(without)
    }

    /// The first variant that fits, else the one that is marked.
    fn variant(
        &self,
        value: &Value<'_>,
        variants: &'a [Variant<String>],
    ) -> Result<Option<&'a Variant<String>>, String> {
        let (text, form) = match value {
            Value::Text(text) => (text.to_string(), None),
            Value::Number(number, kind) => {
                (number.to_string(), Some(self.conventions.form(number, *kind)?))
            }
        };
        let fits = |variant: &&Variant<String>| match (&variant.key, form) {
            (VariantKey::NumberLiteral { value }, _) => *value == text,
            (VariantKey::Identifier { name }, Some(form)) => name == form,
            (VariantKey::Identifier { name }, None) => *name == text,
        };
        let marked = || variants.iter().find(|variant| variant.default);
        Ok(variants.iter().find(fits).or_else(marked))
    }

    fn push(&mut self, said: &str) -> Result<(), String> {
        if self.text.len() + said.len() > RENDERED_BYTES {
            return Err(format!("the filled template exceeds {RENDERED_BYTES} bytes"));
        }
        self.text.push_str(said);
        Ok(())
    }
}
