//! What comes back of a purchase's lines, and what that had earned.

use super::books::Refusal;
use crate::model::commands::Returned;
use std::collections::BTreeMap;

/// A line, as portions: what was bought, then what edits have added on top of it.
#[derive(Clone, Debug)]
pub(in crate::model) struct Line {
    /// From 1; 0 for a purchase without lines.
    pub(in crate::model) position: i64,
    pub(in crate::model) sku: String,
    pub(in crate::model) portions: Vec<Portion>,
    /// What edits have taken away: it is no part of the order any more.
    pub(in crate::model) removed: Measure,
}

/// So many items for so much.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::model) struct Measure {
    pub(in crate::model) quantity: i64,
    pub(in crate::model) amount: i64,
}

#[derive(Clone, Debug)]
pub(in crate::model) struct Portion {
    /// Which time something of the order was bought: first, or by an edit.
    pub(in crate::model) batch: usize,
    pub(in crate::model) of: Measure,
    /// What came back of it, or was taken away.
    pub(in crate::model) gone: Measure,
    /// Its share of each of the gains of the order, by their index.
    pub(in crate::model) points: BTreeMap<usize, i64>,
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

impl Measure {
    fn minus(self, other: Self) -> Self {
        Self { quantity: self.quantity - other.quantity, amount: self.amount - other.amount }
    }

    pub(in crate::model) fn is_none(self) -> bool {
        self == Self::default()
    }
}

impl Line {
    pub(in crate::model) fn new(position: i64, sku: &str, of: Measure, batch: usize) -> Self {
        let (sku, portions) = (sku.to_owned(), Vec::new());
        let mut line = Self { position, sku, portions, removed: Measure::default() };
        line.add(of, batch);
        line
    }

    /// Puts a portion on top, which has earned nothing yet.
    pub(in crate::model) fn add(&mut self, of: Measure, batch: usize) {
        let (gone, points) = (Measure::default(), BTreeMap::new());
        self.portions.push(Portion { batch, of, gone, points });
    }

    fn sum(&self, of: impl Fn(&Portion) -> Measure) -> Measure {
        let all = self.portions.iter().map(of);
        all.fold(Measure::default(), |sum, one| Measure {
            quantity: sum.quantity + one.quantity,
            amount: sum.amount + one.amount,
        })
    }

    /// What the order has of it, what came back included.
    pub(in crate::model) fn ordered(&self) -> Measure {
        self.sum(|portion| portion.of).minus(self.removed)
    }

    pub(in crate::model) fn left(&self) -> Measure {
        self.sum(|portion| portion.of.minus(portion.gone))
    }

    /// What so much of it as is gone had earned of a gain: by amount, or by number where it was
    /// free.
    pub(in crate::model) fn points_gone(&self, gain: usize) -> i64 {
        let of_portion = |portion: &Portion| {
            let points = portion.points.get(&gain).copied().unwrap_or_default();
            let (part, of) = match portion.of.amount {
                0 => (portion.gone.quantity, portion.of.quantity),
                amount => (portion.gone.amount, amount),
            };
            up_to(points, part.into(), of.into())
        };
        self.portions.iter().map(of_portion).sum()
    }

    /// Takes items off the top.
    pub(in crate::model) fn take_items(&mut self, quantity: i64) -> i64 {
        let mut missing = quantity;
        for portion in self.portions.iter_mut().rev() {
            let taken = missing.min(portion.of.quantity - portion.gone.quantity);
            portion.gone.quantity += taken;
            missing -= taken;
        }
        quantity - missing
    }

    /// Takes a part of the price off the top.
    pub(in crate::model) fn take_amount(&mut self, amount: i64) -> i64 {
        let mut missing = amount;
        for portion in self.portions.iter_mut().rev() {
            let taken = missing.min(portion.of.amount - portion.gone.amount);
            portion.gone.amount += taken;
            missing -= taken;
        }
        amount - missing
    }

    pub(in crate::model) fn take_rest(&mut self) {
        self.portions.iter_mut().for_each(|portion| portion.gone = portion.of);
    }
}

/// Takes out of lines what a return says.
pub(in crate::model) fn take(lines: &mut [Line], what: &Returned) -> Result<(), Refusal> {
    match what {
        Returned::Everything => lines.iter_mut().for_each(Line::take_rest),
        Returned::Amount(amount) => {
            let left: Vec<_> = lines.iter().map(|line| line.left().amount).collect();
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
        .map(|line| line.left())
        .fold((0, 0), |(items, cost), left| (items + left.quantity, cost + left.amount));
    if quantity.unwrap_or(0) > items || amount.unwrap_or(0) > cost {
        return Err("MORE_THAN_IS_LEFT");
    }
    let (mut items, mut paid) = (quantity.unwrap_or(0), amount);
    for line in &mut lines {
        let Measure { quantity: left, amount: cost } = line.left();
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
