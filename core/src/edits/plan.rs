//! What an edit changes: the order as it is now, compared with what is known of it, line by line.
//! Pure.
//!
//! The order of an edit includes what came back of it: that is a fact of its own, which order systems
//! keep apart from the order. So an edit and a return that happen at the same time come to the same,
//! whichever is recorded first.

use crate::cart::{CheckedCart, Line};
use crate::returns::{
    LineState, Part, Portion, Taken, more_than_is_left, parts_since, unknown_line,
};
use crate::{Code, Currency, EditId, Error, Result};

/// What an edit adds to an order and takes away.
#[derive(Clone, Debug)]
pub(super) struct Difference {
    /// The lines as they are then.
    pub(super) lines: Vec<LineState>,
    pub(super) added: Vec<Added>,
    /// What is taken away, with what it had earned.
    pub(super) removed: Vec<Part>,
}

/// What is added to a line, or as one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Added {
    pub(super) seq: i32,
    pub(super) position: i32,
    pub(super) sku: String,
    pub(super) category: Option<String>,
    pub(super) quantity: i64,
    pub(super) amount_minor: i64,
}

/// A line of the order as it is to be.
struct Wanted<'c> {
    sku: &'c str,
    category: Option<&'c str>,
    amount: Taken,
    /// Where it stands in the cart; nowhere if the order is a total only.
    index: Option<usize>,
}

/// What makes the order be as `cart` says; `seq` is the number of the first portion that it adds.
/// Fails with `MORE_THAN_IS_LEFT` if more came back than would have been bought, and with
/// `INVALID_INPUT` if one has lines and the other has none, naming the field.
pub(super) fn difference(
    lines: &[LineState],
    cart: &CheckedCart,
    (edit, seq): (EditId, i32),
    currency: Currency,
) -> Result<Difference> {
    let mut now = lines.to_vec();
    let mut added = Vec::new();
    if cart.total_minor == 0 && cart.lines.is_empty() {
        for line in &mut now {
            line.take_away(line.left());
        }
    } else {
        let wanted = wanted(lines, cart)?;
        let places = places(lines, &wanted);
        for (index, line) in now.iter_mut().enumerate() {
            let mut places = places.iter().zip(&wanted);
            let becomes = places.find(|(place, _)| **place == Some(index)).map(|(_, one)| one);
            change(line, becomes, (edit, seq), &mut added, currency)?;
        }
        let new = places.iter().zip(&wanted).filter(|(place, _)| place.is_none());
        for (_, wanted) in new {
            let position = now.iter().map(|line| line.position).max().unwrap_or_default() + 1;
            let mut line = LineState {
                position,
                sku: wanted.sku.to_owned(),
                category: wanted.category.map(str::to_owned),
                portions: Vec::new(),
                removed: Taken::default(),
            };
            change(&mut line, Some(wanted), (edit, seq), &mut added, currency)?;
            now.push(line);
        }
    }
    let removed = parts_since(lines, &now)?;
    Ok(Difference { lines: now, added, removed })
}

impl Difference {
    /// The same of the lines that say what the order brought another account, which know no products;
    /// `seq` is the number of the first portion that it adds there.
    pub(super) fn follow(&self, lines: &[LineState], (edit, seq): (EditId, i32)) -> Result<Self> {
        let mut now = lines.to_vec();
        for part in &self.removed {
            let line = now.iter_mut().find(|line| line.position == part.position);
            let line = line.ok_or_else(unknown_line)?;
            line.take_away(Taken { quantity: part.quantity, amount_minor: part.amount_minor });
        }
        let without_product = |(seq, added): (i32, &Added)| Added {
            seq,
            sku: String::new(),
            category: None,
            ..added.clone()
        };
        let added: Vec<_> = (seq..).zip(&self.added).map(without_product).collect();
        for Added { seq, position, quantity, amount_minor, .. } in &added {
            let portion = Portion::of(*seq, Some(edit), *quantity, *amount_minor);
            match now.iter_mut().find(|line| line.position == *position) {
                Some(line) => line.portions.push(portion),
                None => now.push(LineState {
                    position: *position,
                    sku: String::new(),
                    category: None,
                    portions: vec![portion],
                    removed: Taken::default(),
                }),
            }
        }
        let removed = parts_since(lines, &now)?;
        Ok(Self { lines: now, added, removed })
    }
}

/// The order as it is to be. One that was recorded without lines stays so, as one line.
fn wanted<'c>(lines: &'c [LineState], cart: &'c CheckedCart) -> Result<Vec<Wanted<'c>>> {
    let wrong = |why: &str| Err(Error::new(Code::InvalidInput, why).at("lines"));
    let has_lines = lines.iter().any(|line| line.position > 0);
    match (has_lines, cart.lines.is_empty()) {
        (true, true) => wrong("the purchase was recorded with lines: send all of its lines"),
        (false, false) => {
            wrong("the purchase was recorded without lines: send the total that it has now")
        }
        (false, true) => {
            let amount = Taken { quantity: 1, amount_minor: cart.total_minor };
            Ok(vec![Wanted { sku: "", category: None, amount, index: None }])
        }
        (true, false) => Ok(cart.lines.iter().enumerate().map(Wanted::of).collect()),
    }
}

/// At which of the known lines each wanted one stands; nowhere if it is new. A line is the same if
/// product and category are; of several such lines those that have not changed, then the first of
/// which something is ordered, then those that were taken away before.
fn places(lines: &[LineState], wanted: &[Wanted<'_>]) -> Vec<Option<usize>> {
    let mut places = vec![None; wanted.len()];
    let mut is_taken = vec![false; lines.len()];
    let passes: [fn(Taken, Taken) -> bool; 3] = [
        |ordered, wanted| ordered == wanted,
        |ordered, _| ordered != Taken::default(),
        |_, _| true,
    ];
    for fits in passes {
        for (place, wanted) in places.iter_mut().zip(wanted).filter(|(place, _)| place.is_none()) {
            let mut known = lines.iter().enumerate();
            let found = known.find(|(index, line)| {
                !is_taken[*index] && wanted.is(line) && fits(line.ordered(), wanted.amount)
            });
            if let Some((index, _)) = found {
                is_taken[index] = true;
                *place = Some(index);
            }
        }
    }
    places
}

/// Makes a line be as it is wanted, or as if it were not there.
fn change(
    line: &mut LineState,
    wanted: Option<&Wanted<'_>>,
    (edit, first): (EditId, i32),
    added: &mut Vec<Added>,
    currency: Currency,
) -> Result<()> {
    let becomes = wanted.map_or_else(Taken::default, |wanted| wanted.amount);
    check(line, becomes, wanted, currency)?;
    let ordered = line.ordered();
    let less = |before: i64, now: i64| (before - now).max(0);
    line.take_away(Taken {
        quantity: less(ordered.quantity, becomes.quantity),
        amount_minor: less(ordered.amount_minor, becomes.amount_minor),
    });
    let more = Taken {
        quantity: less(becomes.quantity, ordered.quantity),
        amount_minor: less(becomes.amount_minor, ordered.amount_minor),
    };
    if more == Taken::default() {
        return Ok(());
    }
    let seq = first + i32::try_from(added.len()).unwrap_or(i32::MAX);
    line.portions.push(Portion::of(seq, Some(edit), more.quantity, more.amount_minor));
    added.push(Added {
        seq,
        position: line.position,
        sku: line.sku.clone(),
        category: line.category.clone(),
        quantity: more.quantity,
        amount_minor: more.amount_minor,
    });
    Ok(())
}

/// Refuses an order of which more came back than there is in it.
fn check(
    line: &LineState,
    becomes: Taken,
    wanted: Option<&Wanted<'_>>,
    currency: Currency,
) -> Result<()> {
    let back = line.came_back();
    let (field, what) = if becomes.quantity < back.quantity {
        ("quantity", format!("{} items", back.quantity))
    } else if becomes.amount_minor < back.amount_minor {
        ("amount", format!("{} {currency}", currency.decimal(back.amount_minor)))
    } else {
        return Ok(());
    };
    let of = match line.position {
        0 => "the purchase".to_owned(),
        position => format!("line {position}, `{}`,", line.sku),
    };
    let why = format!(
        "{what} of {of} came back: an edit says what was ordered, what came back of it included"
    );
    let error = more_than_is_left(why);
    Err(match wanted.map(|wanted| wanted.index) {
        Some(Some(index)) => error.at(field).at(index.to_string()).at("lines"),
        Some(None) => error.at("total"),
        None => error.at("lines"),
    })
}

impl<'c> Wanted<'c> {
    fn of((index, line): (usize, &'c Line)) -> Self {
        let amount = Taken { quantity: line.quantity.into(), amount_minor: line.amount_minor };
        Self { sku: &line.sku, category: line.category.as_deref(), amount, index: Some(index) }
    }

    fn is(&self, line: &LineState) -> bool {
        self.sku == line.sku && self.category == line.category.as_deref()
    }
}

impl Added {
    /// As rules and plugins see it. Of what only costs more than before it is one item that costs the
    /// difference: none of them has to expect a line of nothing.
    pub(super) fn line(&self) -> Line {
        Line {
            sku: self.sku.clone(),
            category: self.category.clone(),
            quantity: u32::try_from(self.quantity).unwrap_or(u32::MAX).max(1),
            amount_minor: self.amount_minor,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Points;
    use proptest::prelude::*;

    fn lines(amounts: &[(&str, i64, i64)]) -> Vec<LineState> {
        let line = |(position, (sku, quantity, amount_minor)): (i32, &(&str, i64, i64))| {
            let mut portion = Portion::of(position, None, *quantity, *amount_minor);
            portion.points = vec![Points::new(*amount_minor / 100)];
            LineState {
                position,
                sku: (*sku).to_owned(),
                category: None,
                portions: vec![portion],
                removed: Taken::default(),
            }
        };
        (1..).zip(amounts).map(line).collect()
    }

    fn cart(amounts: &[(&str, i64, i64)]) -> CheckedCart {
        let line = |(sku, quantity, amount_minor): &(&str, i64, i64)| Line {
            sku: (*sku).to_owned(),
            category: None,
            quantity: u32::try_from(*quantity).unwrap(),
            amount_minor: *amount_minor,
        };
        CheckedCart {
            currency: euro(),
            total_minor: amounts.iter().map(|(_, _, amount)| amount).sum(),
            lines: amounts.iter().map(line).collect(),
        }
    }

    fn euro() -> Currency {
        "EUR".parse().unwrap()
    }

    fn changed(lines: &[LineState], cart: &CheckedCart, seq: i32) -> Result<Difference> {
        difference(lines, cart, (EditId::new(), seq), euro())
    }

    /// Positions with what is added and what is taken away there.
    fn shown(found: &Difference) -> String {
        let added =
            found.added.iter().map(|one| (one.position, '+', one.quantity, one.amount_minor));
        let removed =
            found.removed.iter().map(|part| (part.position, '-', part.quantity, part.amount_minor));
        let all = added.chain(removed);
        let text = |(position, sign, items, amount)| format!("{position}{sign}{items}/{amount}");
        all.map(text).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_line_is_the_same_by_product_and_the_likest_of_several() {
        let known = lines(&[("tea", 2, 800), ("tea", 1, 300), ("mug", 1, 500)]);
        for (wanted, expected) in [
            (&[("tea", 2, 800), ("tea", 1, 300), ("mug", 1, 500)][..], ""),
            (&[("mug", 1, 500), ("tea", 1, 300), ("tea", 2, 800)], ""),
            (&[("tea", 1, 300), ("mug", 1, 500)], "1-2/800"),
            (&[("tea", 3, 1200), ("tea", 1, 300), ("mug", 1, 500)], "1+1/400"),
            (&[("tea", 2, 800), ("tea", 1, 300), ("tea", 1, 400), ("mug", 1, 500)], "4+1/400"),
            (&[("tea", 2, 700), ("tea", 2, 300), ("mug", 1, 500)], "2+1/0 1-0/100"),
            (&[("pot", 1, 500)], "4+1/500 1-2/800 2-1/300 3-1/500"),
            (&[], "1-2/800 2-1/300 3-1/500"),
        ] {
            let found = changed(&known, &cart(wanted), 4).unwrap();
            assert_eq!(shown(&found), expected, "{wanted:?}");
        }
        let gone = changed(&known, &cart(&[("tea", 2, 800)]), 4).unwrap().lines;
        let again = changed(&gone, &cart(&[("tea", 2, 800), ("mug", 1, 500)]), 4).unwrap();
        assert_eq!(shown(&again), "3+1/500", "what was there before is there again");
    }

    #[derive(Clone, Debug)]
    enum Step {
        Edit(Vec<(u8, i64, i64)>),
        Return(usize, i64, i64),
    }

    fn any_cart() -> impl Strategy<Value = Vec<(u8, i64, i64)>> {
        prop::collection::vec((0..4_u8, 1_i64..5, 0_i64..2_000), 1..5)
    }

    fn any_step() -> impl Strategy<Value = Step> {
        prop_oneof![
            any_cart().prop_map(Step::Edit),
            (0..6_usize, 0_i64..3, 0_i64..700)
                .prop_map(|(line, quantity, amount)| Step::Return(line, quantity, amount)),
        ]
    }

    const SKUS: [&str; 4] = ["tea", "mug", "pot", "cup"];

    fn named(lines: &[(u8, i64, i64)]) -> Vec<(&'static str, i64, i64)> {
        lines
            .iter()
            .map(|(sku, items, amount)| (SKUS[usize::from(*sku)], *items, *amount))
            .collect()
    }

    /// All that the portions have had, and what of it is not taken.
    fn kept(lines: &[LineState], taken: i64) -> i64 {
        let portions = lines.iter().flat_map(|line| &line.portions);
        portions.flat_map(|portion| &portion.points).map(|points| points.get()).sum::<i64>() - taken
    }

    proptest! {
        /// The order is what it was edited to be, and another account's lines follow; what came back
        /// stays so; each portion that is kept as a whole has all that it earned, and what is taken is
        /// what the rest had.
        #[test]
        fn whatever_is_edited_and_comes_back_the_lines_are_what_was_said(
            bought in any_cart(),
            steps in prop::collection::vec(any_step(), 1..12),
        ) {
            let (mut state, mut taken) = (lines(&named(&bought)), 0);
            let mut share = state.clone();
            for step in steps {
                let before = state.clone();
                let back = |lines: &[LineState]| -> Taken {
                    lines.iter().map(LineState::came_back).sum()
                };
                match step {
                    Step::Edit(wanted) => {
                        let cart = cart(&named(&wanted));
                        let seq = i32::try_from(state.iter().flat_map(|line| &line.portions).count())
                            .unwrap() + 1;
                        let Ok(mut found) = changed(&state, &cart, seq) else { continue };
                        for portion in found.lines.iter_mut().flat_map(|line| &mut line.portions) {
                            if portion.seq >= seq {
                                portion.points = vec![Points::new(portion.amount_minor / 50)];
                            }
                        }
                        taken += found.removed.iter().flat_map(|part| &part.points)
                            .map(|points| points.get()).sum::<i64>();
                        share = found.follow(&share, (EditId::new(), seq)).unwrap().lines;
                        state = found.lines;
                        let ordered: Taken = state.iter().map(LineState::ordered).sum();
                        let items = wanted.iter().map(|(_, items, _)| items).sum::<i64>();
                        prop_assert_eq!((ordered.quantity, ordered.amount_minor),
                            (items, cart.total_minor));
                        prop_assert_eq!(back(&state), back(&before));
                    }
                    Step::Return(line, quantity, amount_minor) => {
                        let count = state.len();
                        let left = state[line % count].left();
                        for lines in [&mut state, &mut share] {
                            lines[line % count].take(Taken {
                                quantity: quantity.min(left.quantity),
                                amount_minor: amount_minor.min(left.amount_minor),
                            });
                        }
                        let parts = parts_since(&before, &state).unwrap();
                        taken += parts.iter().flat_map(|part| &part.points)
                            .map(|points| points.get()).sum::<i64>();
                    }
                }
                let amounts = |lines: &[LineState]| -> Vec<_> {
                    lines.iter().map(|line| (line.position, line.left(), line.removed)).collect()
                };
                prop_assert_eq!(amounts(&share), amounts(&state));
                let mut least = 0;
                for line in &state {
                    let left = line.left();
                    prop_assert!(left.quantity >= 0 && left.amount_minor >= 0);
                    prop_assert!(line.came_back().quantity >= 0);
                    let whole = line.portions.iter().filter(|one| one.returned == Taken::default());
                    least += whole.map(|one| one.points[0].get()).sum::<i64>();
                }
                prop_assert!(kept(&state, taken) >= least);
            }
            let all: i64 = state.iter().map(|line| line.left().amount_minor).sum();
            let nothing = changed(&state, &cart(&[]), 99).unwrap();
            taken += nothing.removed.iter().flat_map(|part| &part.points)
                .map(|points| points.get()).sum::<i64>();
            let removed: i64 = nothing.removed.iter().map(|part| part.amount_minor).sum();
            prop_assert_eq!(removed, all);
            let of_free = state.iter().flat_map(|line| &line.portions)
                .filter(|one| one.amount_minor == 0).map(|one| one.points[0].get()).sum::<i64>();
            prop_assert_eq!(kept(&state, taken), of_free);
        }
    }
}
