//! What has to hold of the files in `locales`.

use super::conventions::{Conventions, is_form};
use super::operand::{Kind, Operand};
use super::parse::{flaw, line_of};
use super::{Flaw, Text, TextFlaw, Texts};
use crate::limits::{LANGUAGES, TEMPLATES};
use crate::text;
use fluent_syntax::ast::{Expression, Pattern, PatternElement, Variant, VariantKey};
use std::collections::BTreeMap;

/// The parameters of a text, and what each has to be.
type Uses<'t> = BTreeMap<&'t str, Kind>;

/// All that is wrong, the English file first, each in the order of its lines.
pub(in crate::manifest) fn check(locales: &BTreeMap<String, Texts>) -> Vec<TextFlaw> {
    // What is wrong with the English text is said before what others lack because of it.
    let english = locales.get_key_value("en").into_iter();
    let others = locales.iter().filter(|(locale, _)| *locale != "en");
    let of_file = |(locale, texts): (&String, &Texts)| {
        let flaws = file(locale, texts, locales).into_iter();
        flaws.map(|flaw| TextFlaw { locale: locale.clone(), flaw }).collect::<Vec<_>>()
    };
    english.chain(others).flat_map(of_file).collect()
}

fn file(locale: &str, texts: &Texts, all: &BTreeMap<String, Texts>) -> Vec<Flaw> {
    if !text::is_language(locale) {
        return vec![flaw(1, &[], text::no_language(locale))];
    }
    if all.len() > LANGUAGES {
        return vec![flaw(1, &[], format!("use at most {LANGUAGES} languages"))];
    }
    if texts.0.texts.len() > TEMPLATES {
        return vec![flaw(1, &[], format!("use at most {TEMPLATES} templates"))];
    }
    let mut flaws = texts.0.flaws.clone();
    let of_text = |(template, text): (&String, &Text)| {
        one(locale, texts, (template, text), all.get("en")).err()
    };
    flaws.extend(texts.0.texts.iter().filter_map(of_text));
    flaws.sort_by_key(|flaw| flaw.line);
    flaws
}

fn one(
    locale: &str,
    texts: &Texts,
    (template, text): (&str, &Text),
    english: Option<&Texts>,
) -> Result<(), Flaw> {
    let uses = text_is_sound(locale, texts, template, text)?;
    let here = |why: String| flaw(texts.line(template, None), &[template], why);
    match english.and_then(|english| english.0.texts.get(template)) {
        Some(english) => {
            same_kind(text, english).and_then(|()| same_uses(locale, &uses, english)).map_err(here)
        }
        // It may be there, and not be read because of what is wrong with it.
        None if english.is_some_and(|english| !english.0.flaws.is_empty()) => Ok(()),
        None => Err(here(
            "it has no text in English (`locales/en.ftl`), which whoever reads none of its \
             languages gets"
                .to_owned(),
        )),
    }
}

impl Texts {
    fn line(&self, template: &str, part: Option<&str>) -> usize {
        line_of(&self.0.source, template, part)
    }
}

fn text_is_sound<'t>(
    locale: &str,
    texts: &Texts,
    template: &str,
    text: &'t Text,
) -> Result<Uses<'t>, Flaw> {
    let mut uses = Uses::new();
    for (part, pattern, most) in text.parts() {
        let mut walk = Walk { language: Conventions::new(locale, locale), uses, bytes: 0 };
        let sound = walk.pattern(pattern).and_then(|()| match walk.bytes {
            0 if walk.uses.is_empty() => Err("it is empty".to_owned()),
            bytes if bytes > most => Err(format!("it exceeds {most} bytes")),
            _ => Ok(()),
        });
        let at: Vec<_> = [template].into_iter().chain(part).collect();
        sound.map_err(|why| flaw(texts.line(template, part), &at, why))?;
        uses = walk.uses;
    }
    Ok(uses)
}

fn same_kind(text: &Text, english: &Text) -> Result<(), String> {
    match (text.is_reason(), english.is_reason()) {
        (true, false) => Err("it is a message with subject and body in `en`".to_owned()),
        (false, true) => Err("it is a reason, without subject and body, in `en`".to_owned()),
        _ => Ok(()),
    }
}

/// What a text names has to have a value, of one kind, in whatever language it is read.
fn same_uses(locale: &str, uses: &Uses<'_>, english: &Text) -> Result<(), String> {
    // What is wrong with the English text is said of it.
    let mut walk = Walk { language: Conventions::new("en", "en"), uses: Uses::new(), bytes: 0 };
    if english.parts().into_iter().try_for_each(|(_, pattern, _)| walk.pattern(pattern)).is_err() {
        return Ok(());
    }
    let lacks = |name: &str, has: &str, lacks: &str| {
        Err(format!("`${name}` is in the text in `{has}` and not in `{lacks}`"))
    };
    for (name, kind) in &walk.uses {
        match uses.get(name) {
            None => return lacks(name, "en", locale),
            Some(its) if its != kind => {
                return Err(format!("`${name}` is {kind} in `en`, and {its} in `{locale}`"));
            }
            Some(_) => {}
        }
    }
    match uses.keys().find(|name| !walk.uses.contains_key(**name)) {
        Some(name) => lacks(name, locale, "en"),
        None => Ok(()),
    }
}

struct Walk<'t> {
    language: Conventions,
    uses: Uses<'t>,
    /// What is written, in all variants.
    bytes: usize,
}

impl<'t> Walk<'t> {
    fn pattern(&mut self, pattern: &'t Pattern<String>) -> Result<(), String> {
        for element in &pattern.elements {
            match element {
                PatternElement::TextElement { value } => self.bytes += value.len(),
                PatternElement::Placeable { expression } => self.expression(expression)?,
            }
        }
        Ok(())
    }

    fn expression(&mut self, expression: &'t Expression<String>) -> Result<(), String> {
        match expression {
            Expression::Inline(inline) => self.operand(&Operand::of(inline)?),
            Expression::Select { selector, variants } => {
                let selector = Operand::of(selector)?;
                self.operand(&selector)?;
                self.keys(&selector, variants)?;
                variants.iter().try_for_each(|variant| self.pattern(&variant.value))
            }
        }
    }

    fn operand(&mut self, operand: &Operand<'t>) -> Result<(), String> {
        if let Operand::Literal(text) = operand {
            self.bytes += text.len();
        }
        let Some((name, kind)) = operand.parameter() else { return Ok(()) };
        match self.uses.insert(name, kind) {
            Some(before) if before != kind => {
                Err(format!("`${name}` is {before} in one place and {kind} in another"))
            }
            _ => Ok(()),
        }
    }

    /// Whether each variant can be chosen, and one whatever comes.
    fn keys(&self, selector: &Operand<'_>, variants: &[Variant<String>]) -> Result<(), String> {
        let plurals = match selector {
            Operand::Number(_, kind) => self.language.forms(*kind)?,
            Operand::Text(name) => return of_a_text(name, variants),
            Operand::Date(..) | Operand::Literal(_) => {
                return Err("variants are of `NUMBER($name)` or of `$name`".to_owned());
            }
        };
        for variant in variants {
            let VariantKey::Identifier { name } = &variant.key else { continue };
            if !plurals.contains(&name.as_str()) {
                let known = plurals.join(", ");
                return Err(format!("`[{name}]` is no plural form of this language: {known}"));
            }
        }
        let is_other = |variant: &Variant<String>| {
            variant.default
                && matches!(&variant.key, VariantKey::Identifier { name } if name == "other")
        };
        if !variants.iter().any(is_other) {
            return Err("the variants of a number end with `*[other]`".to_owned());
        }
        Ok(())
    }
}

/// A text is no number, so a plural form would never be chosen.
fn of_a_text(name: &str, variants: &[Variant<String>]) -> Result<(), String> {
    let counts = |variant: &&Variant<String>| match &variant.key {
        VariantKey::NumberLiteral { .. } => true,
        VariantKey::Identifier { name } => !variant.default && is_form(name),
    };
    match variants.iter().find(counts) {
        Some(_) => Err(format!("`${name}` is a text: write `NUMBER(${name}) ->` to count by it")),
        None => Ok(()),
    }
}
