//! What a return takes of each line. Pure, and nothing but arithmetic: the same request to the same
//! purchase always takes the same, parts never exceed what is left, and once all of a line has come
//! back, so have all of its points.

use super::model::{LineRef, Returned, ReturnedLine};
use super::portion::{LineState, Part, Taken, parts_since};
use crate::{Code, Currency, Error, Points, Result, share, text};

/// Takes what a return says out of the lines, which have it as returned then. Fails with
/// `LINE_NOT_FOUND`, `MORE_THAN_IS_LEFT` or `INVALID_INPUT`, naming the field.
pub(super) fn plan(
    lines: &mut [LineState],
    what: &Returned,
    currency: Currency,
) -> Result<Vec<Part>> {
    let before = lines.to_vec();
    match what {
        Returned::Whole => lines.iter_mut().for_each(|line| line.take(line.left())),
        Returned::Amount(amount) => take_amount(lines, *amount, currency)?,
        Returned::Lines(wanted) => {
            for (index, wanted) in wanted.iter().enumerate() {
                let at = |error: Error| error.at(index.to_string()).at("lines");
                take_of_line(lines, wanted, currency).map_err(at)?;
            }
        }
    }
    parts_since(&before, lines)
}

/// The same parts of the lines that say what a purchase brought another account.
pub(super) fn follow(lines: &[LineState], parts: &[Part]) -> Result<Vec<Part>> {
    let mut left = lines.to_vec();
    for part in parts {
        let line = left.iter_mut().find(|line| line.position == part.position);
        let line = line.ok_or_else(unknown_line)?;
        line.take(Taken { quantity: part.quantity, amount_minor: part.amount_minor });
    }
    parts_since(lines, &left)
}

/// Whether nothing is left that counts: of what was paid for the amount, of what was free the items.
pub(crate) fn is_whole(lines: &[LineState]) -> bool {
    let is_free = lines.iter().all(|line| line.ordered().amount_minor == 0);
    lines.iter().map(LineState::left).all(|left| match is_free {
        true => left.quantity == 0,
        false => left.amount_minor == 0,
    })
}

/// An amount of no line in particular falls to all of them, by what is left of each.
fn take_amount(lines: &mut [LineState], amount: i64, currency: Currency) -> Result<()> {
    let left: Vec<_> = lines.iter().map(|line| line.left().amount_minor).collect();
    let total: i64 = left.iter().sum();
    if amount <= 0 {
        return Err(Error::new(Code::InvalidAmount, "use an amount above zero").at("amount"));
    }
    if amount > total {
        let (left, wanted) = (currency.decimal(total), currency.decimal(amount));
        let why = format!("{left} {currency} is left of the purchase, {wanted} is more");
        return Err(more_than_is_left(why).at("amount"));
    }
    for (line, share) in lines.iter_mut().zip(share::shares(Points::new(amount), &left)?) {
        line.take(Taken { quantity: 0, amount_minor: share.get() });
    }
    Ok(())
}

fn take_of_line(lines: &mut [LineState], wanted: &ReturnedLine, currency: Currency) -> Result<()> {
    let mut named: Vec<_> = lines.iter_mut().filter(|line| is(line, &wanted.line)).collect();
    if named.is_empty() {
        let (field, why) = match &wanted.line {
            LineRef::Position(position) => ("position", format!("has no line {position}")),
            LineRef::Sku(sku) => ("sku", format!("has no line of `{sku}`")),
        };
        let error = Error::new(Code::LineNotFound, format!("the purchase {why}"));
        return Err(error.at(field).at("line"));
    }
    match (wanted.quantity, wanted.amount_minor) {
        (None, None) => named.iter_mut().for_each(|line| line.take(line.left())),
        (Some(0), _) => return Err(text::invalid("quantity", "use a whole number above zero")),
        (_, Some(amount)) if amount < 0 => {
            return Err(Error::new(Code::InvalidAmount, "an amount is zero or more").at("amount"));
        }
        (Some(quantity), None) => take_items(&mut named, quantity.into(), LineState::amount_of)?,
        (quantity, Some(amount)) => {
            take_items(&mut named, quantity.unwrap_or_default().into(), |_, _| 0)?;
            take_paid(&mut named, amount, currency)?;
        }
    }
    Ok(())
}

/// Takes items out of lines, the first ones first, each with what `amount_of` says that they cost.
fn take_items(
    lines: &mut [&mut LineState],
    wanted: i64,
    amount_of: impl Fn(&LineState, i64) -> i64,
) -> Result<()> {
    let there: i64 = lines.iter().map(|line| line.left().quantity).sum();
    if wanted > there {
        let why = format!("{there} items are left, {wanted} are more");
        return Err(more_than_is_left(why).at("quantity"));
    }
    let mut missing = wanted;
    for line in lines {
        let quantity = missing.min(line.left().quantity);
        let amount_minor = amount_of(line, quantity);
        line.take(Taken { quantity, amount_minor });
        missing -= quantity;
    }
    Ok(())
}

/// Takes an amount out of lines, the first ones first.
fn take_paid(lines: &mut [&mut LineState], wanted: i64, currency: Currency) -> Result<()> {
    let there: i64 = lines.iter().map(|line| line.left().amount_minor).sum();
    if wanted > there {
        let (left, more) = (currency.decimal(there), currency.decimal(wanted));
        let why = format!("{left} {currency} is left of the line, {more} is more");
        return Err(more_than_is_left(why).at("amount"));
    }
    let mut missing = wanted;
    for line in lines {
        let amount_minor = missing.min(line.left().amount_minor);
        line.take(Taken { quantity: 0, amount_minor });
        missing -= amount_minor;
    }
    Ok(())
}

fn is(line: &LineState, named: &LineRef) -> bool {
    match named {
        LineRef::Position(position) => i64::from(*position) == i64::from(line.position),
        LineRef::Sku(sku) => *sku == line.sku && line.position > 0,
    }
}

pub(crate) fn unknown_line() -> Error {
    Error::internal("a line that an account does not know")
}

pub(crate) fn more_than_is_left(why: impl Into<String>) -> Error {
    Error::new(Code::MoreThanIsLeft, why)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::returns::portion::Portion;
    use proptest::prelude::*;

    fn any_lines() -> impl Strategy<Value = Vec<LineState>> {
        let shares = prop::collection::vec(0_i64..10_000, 2);
        let line = (1_i64..6, 0_i64..5_000, shares, 0..3_u8);
        prop::collection::vec(line, 1..6).prop_map(|lines| {
            let line =
                |(position, (quantity, amount_minor, points, sku)): (_, (_, _, Vec<i64>, _))| {
                    let points = points.into_iter().map(Points::new).collect();
                    let portion = Portion::of(position, None, quantity, amount_minor);
                    LineState {
                        position,
                        sku: format!("s-{sku}"),
                        category: None,
                        portions: vec![Portion { points, ..portion }],
                        removed: Taken::default(),
                    }
                };
            (1..).zip(lines).map(line).collect()
        })
    }

    fn any_part() -> impl Strategy<Value = Returned> {
        let line = prop_oneof![
            (1_u32..7).prop_map(LineRef::Position),
            (0..4_u8).prop_map(|sku| LineRef::Sku(format!("s-{sku}"))),
        ];
        let quantity = prop::option::of(0_u32..4);
        let of_line = (line, quantity, prop::option::of(0_i64..3_000)).prop_map(
            |(line, quantity, amount_minor)| ReturnedLine { line, quantity, amount_minor },
        );
        prop_oneof![
            (1_i64..4_000).prop_map(Returned::Amount),
            prop::collection::vec(of_line, 1..3).prop_map(Returned::Lines),
        ]
    }

    proptest! {
        #[test]
        fn portions_never_exceed_the_lines_and_all_of_them_are_the_whole(
            mut lines in any_lines(),
            portions in prop::collection::vec(any_part(), 0..12),
        ) {
            let bought = lines.clone();
            let mut parts = Vec::new();
            for portion in portions.into_iter().chain([Returned::Whole]) {
                let mut tried = lines.clone();
                if let Ok(taken) = plan(&mut tried, &portion, "EUR".parse().unwrap()) {
                    parts.extend(taken);
                    lines = tried;
                }
                for line in &lines {
                    let left = line.left();
                    prop_assert!(left.quantity >= 0 && left.amount_minor >= 0, "{line:?}");
                }
            }
            prop_assert!(is_whole(&lines));
            for line in bought {
                let of_line = || parts.iter().filter(|part| part.position == line.position);
                prop_assert!(of_line().flat_map(|part| &part.points).all(|of| of.get() >= 0));
                let all = line.left();
                prop_assert_eq!(of_line().map(|part| part.quantity).sum::<i64>(), all.quantity);
                let amount: i64 = of_line().map(|part| part.amount_minor).sum();
                prop_assert_eq!(amount, all.amount_minor);
                for (index, share) in line.portions[0].points.iter().enumerate() {
                    let points: i64 = of_line().map(|part| part.points[index].get()).sum();
                    prop_assert_eq!(points, share.get());
                }
            }
        }
    }
}
