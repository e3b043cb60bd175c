//! An order is another now: what an edit adds, what it takes away, and what follows.

use super::books::Refusal;
use super::gaining::{Earned, main_points, share};
use super::portions::{Line, Measure, up_to};
use super::{Order, Reference};
use crate::model::commands::purchase::{Item, lines_of};
use jiff::Timestamp;

/// What an edit has done.
#[derive(Clone, Debug, Default)]
pub(in crate::model) struct Edited {
    /// What was added: position, measure, and the points that it has earned.
    pub(in crate::model) added: Vec<(i64, Measure, i64)>,
    pub(in crate::model) earned: i64,
    /// Earned by what was taken away, and taken for it.
    pub(in crate::model) removed: (i64, i64),
    /// Points, and what they had paid.
    pub(in crate::model) refunded: (i64, i64),
    pub(in crate::model) referral: i64,
    pub(in crate::model) referral_taken: i64,
}

/// Makes lines be as an order says now; the indexes of those to which something was added.
pub(in crate::model) fn edit_lines(
    lines: &mut Vec<Line>,
    items: &[Item],
    total: i64,
) -> Result<Vec<usize>, Refusal> {
    if items.is_empty() && total == 0 {
        for line in lines {
            take_away(line, line.left())?;
        }
        return Ok(Vec::new());
    }
    let has_lines = lines.iter().any(|line| line.position > 0);
    if has_lines == items.is_empty() {
        return Err("INVALID_INPUT");
    }
    let mut wanted = lines_of(items, total);
    if !has_lines {
        // It is its total.
        wanted[0].portions[0].of.quantity = lines[0].ordered().quantity.max(1);
    }
    let places = places(lines, &wanted);
    for place in 0..lines.len() {
        if !places.contains(&Some(place)) {
            let all = lines[place].ordered();
            take_away(&mut lines[place], all)?;
        }
    }
    let mut changed = Vec::new();
    for (line, place) in wanted.iter().zip(places) {
        let Some(place) = place else {
            let last = lines.iter().map(|line| line.position).max().unwrap_or(0);
            lines.push(Line::new(last + 1, &line.sku, line.ordered()));
            changed.push(lines.len() - 1);
            continue;
        };
        let (now, then) = (line.ordered(), lines[place].ordered());
        let of = |more: Measure, less: Measure| Measure {
            quantity: (more.quantity - less.quantity).max(0),
            amount: (more.amount - less.amount).max(0),
        };
        take_away(&mut lines[place], of(then, now))?;
        if !of(now, then).is_none() {
            lines[place].add(of(now, then));
            changed.push(place);
        }
    }
    changed.sort_unstable();
    Ok(changed)
}

/// At which of the known lines each stands that is wanted; nowhere if it is new. Those that have not
/// changed are the same, then the first of the product, then such as were taken away before.
fn places(lines: &[Line], wanted: &[Line]) -> Vec<Option<usize>> {
    let fits: [fn(&Line, &Line) -> bool; 3] = [
        |known, line| known.ordered() == line.ordered(),
        |known, _| !known.ordered().is_none(),
        |_, _| true,
    ];
    let mut places: Vec<Option<usize>> = vec![None; wanted.len()];
    for fits in fits {
        for (index, line) in wanted.iter().enumerate() {
            let is_it = |place: &usize| {
                let known = &lines[*place];
                known.sku == line.sku && !places.contains(&Some(*place)) && fits(known, line)
            };
            if places[index].is_none() {
                places[index] = (0..lines.len()).find(is_it);
            }
        }
    }
    places
}

/// Takes a part of a line away. What came back of it stays in the order.
fn take_away(line: &mut Line, part: Measure) -> Result<(), Refusal> {
    let left = line.left();
    if part.quantity > left.quantity || part.amount > left.amount {
        return Err("MORE_THAN_IS_LEFT");
    }
    line.take_items(part.quantity);
    line.take_amount(part.amount);
    line.removed.quantity += part.quantity;
    line.removed.amount += part.amount;
    Ok(())
}

impl Reference {
    /// Books what has changed of an order since its lines were as before; to those with the indexes
    /// something was added.
    pub(in crate::model) fn book_edit(
        &mut self,
        name: &str,
        order: &mut Order,
        (before, changed): (&[Line], &[usize]),
        at: Timestamp,
    ) -> Result<Edited, Refusal> {
        let of = self.root(&order.member)?;
        let mut edited = Edited::default();
        let accounts: Vec<_> = order.accounts.iter().map(|one| self.books.root(one)).collect();
        let added: i64 = changed
            .iter()
            .map(|index| order.lines[*index].portions.last().unwrap().of.amount)
            .sum();
        if !changed.is_empty() && !order.is_whole() {
            // What is going to be taken makes room first.
            let mut ahead = self.clone();
            let gone = ahead.take_gains(order, before, at)?;
            let makes_room = |account: &str| ahead.taken_of(&gone, account).1;
            let earned: Vec<Earned> = self.appraise(&accounts, added, order.at, makes_room)?;
            let was_first = order.is_over && self.books.counted(&of).made() == 0;
            let gains = self.give_all(&earned, order.at, name)?;
            let buyer = order.own();
            edited.earned = main_points(&gains, buyer);
            let first = order.gains.len();
            let is_added = |index: &usize| changed.contains(index);
            let mut lines: Vec<_> =
                order.lines.iter_mut().enumerate().filter(|(index, _)| is_added(index)).collect();
            let mut portions: Vec<_> = lines.iter_mut().map(|(_, line)| &mut **line).collect();
            share(&mut portions, &gains, first);
            let own = gains.iter().position(|gain| Some(gain.account) == buyer);
            let own = own.map(|index| first + index);
            for line in portions {
                let top = line.portions.last().unwrap();
                let points = own.and_then(|own| top.points.get(&own)).copied().unwrap_or_default();
                edited.added.push((line.position, top.of, points));
            }
            order.gains.extend(gains);
            if order.is_over {
                order.is_over = false;
                self.count_order(&of, &order.accounts, 0)?;
                if was_first {
                    edited.referral = self.pay_referral(&of, at)?;
                }
            }
        }
        self.book_removal(order, before, (added, at), &mut edited)?;
        Ok(edited)
    }

    fn book_removal(
        &mut self,
        order: &mut Order,
        before: &[Line],
        (added, at): (i64, Timestamp),
        edited: &mut Edited,
    ) -> Result<(), Refusal> {
        let of = self.root(&order.member)?;
        let taken = self.take_gains(order, before, at)?;
        edited.removed = self.taken_of(&taken, &of);
        let left: i64 = order.lines.iter().map(|line| line.left().amount).sum();
        let was_left: i64 = before.iter().map(|line| line.left().amount).sum();
        let removed = was_left + added - left;
        edited.refunded = self.keep_payment(order, left, at)?;
        for account in &order.accounts {
            self.books.count(account).spent += added - removed + edited.refunded.1;
        }
        if order.is_whole() && !order.is_over {
            order.is_over = true;
            self.uncount_order(&order.member, &order.accounts);
            edited.referral_taken = self.reverse_referrals(&of, at)?;
        }
        Ok(())
    }

    /// What points have paid stays, as long as so much is left of the order that they could; the
    /// rest is given back. From now on what comes back is a share of what is left.
    fn keep_payment(
        &mut self,
        order: &mut Order,
        left: i64,
        at: Timestamp,
    ) -> Result<(i64, i64), Refusal> {
        let Some(mut payment) = order.payment.clone() else { return Ok((0, 0)) };
        let of = i128::from(payment.of);
        let back = i128::from(payment.back);
        let gone = |whole: i64| if of == 0 { 0 } else { up_to(whole, back, of) };
        payment.points -= gone(payment.points);
        payment.worth -= gone(payment.worth);
        let too_much = (payment.worth - left).max(0);
        let back = match payment.worth {
            0 => 0,
            worth => up_to(payment.points, too_much.into(), worth.into()),
        };
        let points = self.refund(&payment, back, at)?;
        payment.points -= back;
        payment.worth -= too_much;
        (payment.of, payment.back) = (left, 0);
        order.payment = Some(payment);
        Ok((points, too_much))
    }
}
