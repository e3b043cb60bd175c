//! Checking a condition before any purchase meets it: each name is one that there is, each part has
//! a type that fits, in every branch, and the steps of an evaluation are few, whatever is bought.

use super::names::Type;
use super::part::{HINT, Part, Scope, of_literal, of_name};
use crate::cart::LINES_MAX;
use cel::common::ast::{CallExpr, ComprehensionExpr, Expr, IdedExpr, operators};
use perennial_contract::text::{NO_SLUG, is_slug, nearest};

/// The most steps of an evaluation: a comparison for each line of a purchase takes about 3,000.
pub(super) const STEPS_MAX: u64 = 50_000;

/// What texts may be compared with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Choices<'a> {
    /// The ids of the tiers.
    pub(crate) tiers: &'a [&'a str],
    /// Ids of what is wrong in the same file: whoever names it is not to blame.
    pub(crate) doubtful: &'a [String],
}

/// Why something is no condition.
#[derive(Debug)]
pub(super) struct Unfit {
    pub(super) why: String,
    /// The parts that it is about, the innermost first.
    pub(super) parts: Vec<u64>,
}

impl<W: Into<String>> From<W> for Unfit {
    fn from(why: W) -> Self {
        Self { why: why.into(), parts: Vec::new() }
    }
}

/// The most steps that a condition takes. Fails when it is not one.
pub(super) fn check(condition: &IdedExpr, choices: Choices<'_>) -> Result<u64, Unfit> {
    let names = vec![("member", Type::Member, None), ("purchase", Type::Purchase, None)];
    let scope = Scope { names, level: 0 };
    let found = choices.part(condition, &scope)?;
    found.must_be(Type::Bool, "a condition")?;
    if found.steps > STEPS_MAX {
        return Err(format!(
            "this may take {} steps for a purchase of {LINES_MAX} lines, {STEPS_MAX} are the most: \
             go through the lines once, not once for each line",
            found.steps
        )
        .into());
    }
    Ok(found.steps)
}

impl Choices<'_> {
    fn part<'e>(&self, part: &'e IdedExpr, scope: &Scope<'e>) -> Result<Part<'e>, Unfit> {
        self.kind_of_part(part, scope).map_err(|mut unfit| {
            unfit.parts.push(part.id);
            unfit
        })
    }

    fn kind_of_part<'e>(&self, part: &'e IdedExpr, scope: &Scope<'e>) -> Result<Part<'e>, Unfit> {
        let scope = &scope.below()?;
        match &part.expr {
            Expr::Literal(literal) => Ok(of_literal(literal)?),
            Expr::Ident(name) => Ok(of_name(name, scope)?),
            Expr::Select(select) => {
                let field = self.part(&select.operand, scope)?.field(&select.field)?;
                Ok(if select.test { field.with(Type::Bool, None) } else { field })
            }
            Expr::List(list) => self.list(&list.elements, scope),
            Expr::Call(call) => self.call(call, scope),
            Expr::Comprehension(over) => self.each(over, scope),
            Expr::Map(_) | Expr::Struct(_) | Expr::Unspecified => {
                Err("a condition has no maps and messages".into())
            }
        }
    }

    fn list<'e>(&self, elements: &'e [IdedExpr], scope: &Scope<'e>) -> Result<Part<'e>, Unfit> {
        let mut list = Part::new(Type::Nothing, Some(elements.len() as u64));
        for element in elements {
            let element = self.part(element, scope)?;
            element.must_be_no_list("an element of a list")?;
            list.is = list.is.join(element.is).ok_or("the elements of a list are of one type")?;
            list.take(element);
        }
        Ok(list)
    }

    fn call<'e>(&self, call: &'e CallExpr, scope: &Scope<'e>) -> Result<Part<'e>, Unfit> {
        let arguments = call.target.iter().map(AsRef::as_ref).chain(&call.args);
        let parts: Vec<_> =
            arguments.map(|part| self.part(part, scope)).collect::<Result<_, _>>()?;
        let name = call.func_name.as_str();
        let (is, length) = match (name, parts.as_slice()) {
            (operators::LOGICAL_AND | operators::LOGICAL_OR, _)
            | (operators::LOGICAL_NOT | operators::NOT_STRICTLY_FALSE, [_]) => {
                all(&parts, Type::Bool, "what `&&`, `||` and `!` combine")?;
                (Type::Bool, None)
            }
            (operators::EQUALS | operators::NOT_EQUALS, [left, right]) => {
                self.alike(left, right)?;
                (Type::Bool, None)
            }
            (
                operators::LESS
                | operators::LESS_EQUALS
                | operators::GREATER
                | operators::GREATER_EQUALS,
                [left, right],
            ) => {
                left.must_be_one("what is compared")?;
                self.alike(left, right)?;
                (Type::Bool, None)
            }
            (operators::IN, [one, list]) => {
                one.must_be_one("what is looked for in a list")?;
                self.alike(&Part { length: list.length, ..one.clone() }, list)?;
                (Type::Bool, None)
            }
            (operators::ADD, [left, right]) => sum(left, right)?,
            (
                operators::SUBSTRACT
                | operators::MULTIPLY
                | operators::DIVIDE
                | operators::MODULO
                | operators::NEGATE,
                _,
            ) => {
                all(&parts, Type::Int, "what is calculated with")?;
                (Type::Int, None)
            }
            (operators::CONDITIONAL, [test, yes, no]) => {
                test.must_be(Type::Bool, "what stands before `?`")?;
                let is = yes.is.join(no.is).filter(|_| yes.length.is_some() == no.length.is_some());
                (is.ok_or("`? :` chooses between two of one type")?, yes.length.max(no.length))
            }
            (operators::INDEX, [list, number]) => {
                list.must_be_list("what has elements")?;
                number.must_be(Type::Int, "the number of an element")?;
                (list.is, None)
            }
            ("size", [one]) if one.length.is_some() || one.is.is_text() => (Type::Int, None),
            ("contains" | "startsWith" | "endsWith", [_, _]) => {
                all(&parts, Type::Text, &format!("what `{name}` is about"))?;
                (Type::Bool, None)
            }
            _ => return Err(unknown_function(name).into()),
        };
        let mut called = Part::new(is, length);
        called.steps += parts.iter().filter_map(|part| part.length).sum::<u64>();
        for part in parts {
            called.take(part);
        }
        Ok(called)
    }

    /// `exists`, `all`, `exists_one`, `filter` and `map`, as the parser writes them out.
    fn each<'e>(&self, over: &'e ComprehensionExpr, scope: &Scope<'e>) -> Result<Part<'e>, Unfit> {
        let range = self.part(&over.iter_range, scope)?;
        let times = range.must_be_list("what a condition goes through")?;
        let start = self.part(&over.accu_init, scope)?;
        let mut inside = scope.clone();
        inside.names.push((&over.iter_var, range.is, None));
        inside.names.push((&over.accu_var, start.is, start.length));
        let goes_on = self.part(&over.loop_cond, &inside)?;
        goes_on.must_be(Type::Bool, "what is tried for each element")?;
        let step = self.part(&over.loop_step, &inside)?;
        let is =
            start.is.join(step.is).ok_or("a condition of `exists` or `all` is true or false")?;
        // A list that grows is copied with each element, which is quick.
        let length = start.length.map(|_| times);
        let copied = length.unwrap_or(0) / 16;
        let mut after = scope.clone();
        after.names.push((&over.accu_var, is, length));
        let mut result = self.part(&over.result, &after)?;
        let each = goes_on.steps.saturating_add(step.steps).saturating_add(copied + 1);
        result.steps = result.steps.saturating_add(each.saturating_mul(times));
        result.take(range);
        result.take(start);
        result.texts.extend(goes_on.texts.into_iter().chain(step.texts));
        Ok(result)
    }

    /// Whether two can be compared: values of one type, or lists of them. Where the one is a choice
    /// and the other a text, it is one of the choices.
    fn alike(&self, left: &Part<'_>, right: &Part<'_>) -> Result<(), String> {
        let is_record = |one: &Part<'_>| {
            matches!(one.is, Type::Member | Type::Purchase | Type::Line) || one.is == Type::Nothing
        };
        let (this, that) = (left.in_words(), right.in_words());
        let is_list = left.length.is_some();
        if left.is.join(right.is).is_none() || is_list != right.length.is_some() {
            let is =
                |one, other| left.is.join(one) == Some(one) && right.is.join(other) == Some(other);
            let is_money = is(Type::Int, Type::Text) || is(Type::Text, Type::Int);
            let hint = if is_money { HINT } else { "" };
            return Err(format!("{this} cannot be compared with {that}{hint}"));
        }
        if is_record(left) && is_record(right) {
            return Err(format!("{this} cannot be compared, only what it has"));
        }
        self.chosen(left, right)?;
        self.chosen(right, left)
    }

    fn chosen(&self, choice: &Part<'_>, texts: &Part<'_>) -> Result<(), String> {
        if choice.is == Type::Tag
            && let Some(text) = texts.texts.iter().find(|text| !is_slug(text))
        {
            return Err(format!("no member has the tag `{text}`: {NO_SLUG}"));
        }
        let (what, known): (_, &[&str]) = match choice.is {
            Type::Tier => ("tier", self.tiers),
            Type::MemberKind => ("kind of member", &["PERSON", "ORGANIZATION", "HOUSEHOLD"]),
            _ => return Ok(()),
        };
        let is_known = |text: &&&str| {
            known.contains(*text)
                || (text.is_empty() && what == "tier")
                || self.doubtful.iter().any(|id| id == **text)
        };
        match texts.texts.iter().find(|text| !is_known(text)) {
            Some(text) => Err(match nearest(text, known) {
                Some(meant) => format!("there is no {what} `{text}`; did you mean `{meant}`?"),
                None => format!("there is no {what} `{text}`: there {}", listed(known, "and")),
            }),
            None => Ok(()),
        }
    }
}

fn all(parts: &[Part<'_>], is: Type, what: &str) -> Result<(), String> {
    parts.iter().try_for_each(|part| part.must_be(is, what))
}

/// Of numbers, texts, or lists.
fn sum(left: &Part<'_>, right: &Part<'_>) -> Result<(Type, Option<u64>), String> {
    let is = left.is.join(right.is).filter(|is| *is != Type::Bool);
    match (is, left.length, right.length) {
        (Some(is), Some(left), Some(right)) => Ok((is, Some(left + right))),
        (Some(is), None, None) if is == Type::Int || is.is_text() => Ok((is, None)),
        _ => Err(format!("{} cannot be added to {}", right.in_words(), left.in_words())),
    }
}

fn unknown_function(name: &str) -> String {
    const FUNCTIONS: &str = "size, contains, startsWith, endsWith, exists, all, exists_one, \
                             filter, map, has";
    format!("a condition has no `{name}` for this: it has {FUNCTIONS}")
}

fn listed(known: &[&str], and: &str) -> String {
    match known {
        [] => "are none".to_owned(),
        [one] => format!("is `{one}`"),
        [all @ .., last] => format!("are `{}` {and} `{last}`", all.join("`, `")),
    }
}
