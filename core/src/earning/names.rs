//! The names that a condition takes from outside. The names that macros such as `exists` bind are
//! its own.

use cel::common::ast::{EntryExpr, Expr, IdedExpr};

/// The first name that is neither in `known` nor bound by a macro around it.
pub(super) fn unknown_name<'e>(expression: &'e IdedExpr, known: &[&str]) -> Option<&'e str> {
    look(expression, known)
}

fn look<'e>(expression: &'e IdedExpr, known: &[&str]) -> Option<&'e str> {
    match &expression.expr {
        Expr::Unspecified | Expr::Literal(_) => None,
        Expr::Ident(name) => (!known.contains(&name.as_str())).then_some(name),
        Expr::Select(select) => look(&select.operand, known),
        Expr::Call(call) => {
            let mut parts = call.target.iter().map(AsRef::as_ref).chain(&call.args);
            parts.find_map(|part| look(part, known))
        }
        Expr::List(list) => list.elements.iter().find_map(|element| look(element, known)),
        Expr::Map(map) => map.entries.iter().find_map(|entry| in_entry(&entry.expr, known)),
        Expr::Struct(built) => built.entries.iter().find_map(|entry| in_entry(&entry.expr, known)),
        Expr::Comprehension(over) => {
            let outside = [&over.iter_range, &over.accu_init];
            let inside = [&over.loop_cond, &over.loop_step, &over.result];
            let mut within: Vec<&str> = known.to_vec();
            within.extend([over.iter_var.as_str(), over.accu_var.as_str()]);
            within.extend(over.iter_var2.as_deref());
            let unknown = outside.into_iter().find_map(|part| look(part, known));
            unknown.or_else(|| inside.into_iter().find_map(|part| look(part, &within)))
        }
    }
}

fn in_entry<'e>(entry: &'e EntryExpr, known: &[&str]) -> Option<&'e str> {
    match entry {
        EntryExpr::StructField(field) => look(&field.value, known),
        EntryExpr::MapEntry(entry) => look(&entry.key, known).or_else(|| look(&entry.value, known)),
    }
}
