//! What comes back of a purchase's lines, and what that had earned.

use super::books::Refusal;
use crate::model::commands::Returned;

/// A line with what came back of it.
#[derive(Clone, Debug)]
pub(in crate::model) struct Line {
    /// From 1; 0 for a purchase without lines.
    pub(in crate::model) position: i64,
    pub(in crate::model) sku: String,
    pub(in crate::model) quantity: i64,
    pub(in crate::model) amount: i64,
    /// Its share of what the purchase earned.
    pub(in crate::model) points: i64,
    pub(in crate::model) returned_quantity: i64,
    pub(in crate::model) returned_amount: i64,
}

/// A whole number that falls to parts: each gets what the whole gives up to its end less what it
/// gives up to its beginning, each rounded down.
pub(in crate::model) fn shares(whole: i64, measures: &[i64]) -> Vec<i64> {
    let sum: i128 = measures.iter().map(|measure| i128::from(*measure)).sum();
    if sum == 0 {
        return match measures.is_empty() {
            true => Vec::new(),
            false => shares(whole, &vec![1; measures.len()]),
        };
    }
    let mut end = 0_i128;
    let mut given = 0;
    let share = |measure: &i64| {
        end += i128::from(*measure);
        let up_to = up_to(whole, end, sum);
        up_to - std::mem::replace(&mut given, up_to)
    };
    measures.iter().map(share).collect()
}

pub(in crate::model) fn up_to(whole: i64, part: i128, of: i128) -> i64 {
    i64::try_from(i128::from(whole) * part / of).unwrap()
}

impl Line {
    pub(in crate::model) fn left_quantity(&self) -> i64 {
        self.quantity - self.returned_quantity
    }

    pub(in crate::model) fn left_amount(&self) -> i64 {
        self.amount - self.returned_amount
    }

    /// What so much of it as came back had earned: by amount, or by number where it was free.
    pub(in crate::model) fn points_returned(&self) -> i64 {
        let (part, of) = match self.amount {
            0 => (self.returned_quantity, self.quantity),
            amount => (self.returned_amount, amount),
        };
        up_to(self.points, part.into(), of.into())
    }

    fn take_items(&mut self, quantity: i64) -> i64 {
        let taken = quantity.min(self.left_quantity());
        self.returned_quantity += taken;
        taken
    }

    fn take_amount(&mut self, amount: i64) -> i64 {
        let taken = amount.min(self.left_amount());
        self.returned_amount += taken;
        taken
    }

    fn take_rest(&mut self) {
        (self.returned_quantity, self.returned_amount) = (self.quantity, self.amount);
    }
}

/// Takes out of lines what a return says.
pub(in crate::model) fn take(lines: &mut [Line], what: &Returned) -> Result<(), Refusal> {
    match what {
        Returned::Everything => lines.iter_mut().for_each(Line::take_rest),
        Returned::Amount(amount) => {
            let left: Vec<_> = lines.iter().map(Line::left_amount).collect();
            if *amount <= 0 {
                return Err("INVALID_AMOUNT");
            }
            if *amount > left.iter().sum() {
                return Err("MORE_THAN_IS_LEFT");
            }
            for (line, share) in lines.iter_mut().zip(shares(*amount, &left)) {
                line.take_amount(share);
            }
        }
        Returned::Lines(parts) => {
            if parts.is_empty() {
                return Err("INVALID_INPUT");
            }
            for part in parts {
                let is_named = |line: &&mut Line| match part.sku.as_deref() {
                    Some(sku) => line.position > 0 && line.sku == sku,
                    None => line.position == part.position,
                };
                let named = lines.iter_mut().filter(is_named).collect();
                take_part(named, part.quantity, part.amount)?;
            }
        }
    }
    Ok(())
}

fn take_part(
    mut lines: Vec<&mut Line>,
    quantity: Option<i64>,
    amount: Option<i64>,
) -> Result<(), Refusal> {
    if lines.is_empty() {
        return Err("LINE_NOT_FOUND");
    }
    if quantity == Some(0) {
        return Err("INVALID_INPUT");
    }
    if amount.is_some_and(|amount| amount < 0) {
        return Err("INVALID_AMOUNT");
    }
    if (quantity, amount) == (None, None) {
        lines.iter_mut().for_each(|line| line.take_rest());
        return Ok(());
    }
    let (items, cost): (i64, i64) = lines
        .iter()
        .map(|line| (line.left_quantity(), line.left_amount()))
        .fold((0, 0), |(items, cost), (quantity, amount)| (items + quantity, cost + amount));
    if quantity.unwrap_or(0) > items || amount.unwrap_or(0) > cost {
        return Err("MORE_THAN_IS_LEFT");
    }
    let (mut items, mut paid) = (quantity.unwrap_or(0), amount);
    for line in &mut lines {
        let (left, cost) = (line.left_quantity(), line.left_amount());
        let taken = line.take_items(items);
        items -= taken;
        match &mut paid {
            Some(paid) => *paid -= line.take_amount(*paid),
            // What the items cost, of what is left to be paid for them.
            None if taken > 0 => {
                line.take_amount(up_to(cost, taken.into(), left.into()));
            }
            None => {}
        }
    }
    Ok(())
}
