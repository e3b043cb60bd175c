//! An order is another now: what an edit adds, what it takes away, and what follows.

use super::books::{Refusal, bonus_of};
use super::gaining::{Earned, main_points, share};
use super::orders::PaidPart;
use super::portions::{Line, Measure, up_to};
use super::taking_back::earned_by_gone;
use super::terms::{BONUS_PER, PURCHASE_MAX, THANKS};
use super::{Gain, Order, Reference};
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
    let batch = next_batch(lines);
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
            lines.push(Line::new(last + 1, &line.sku, line.ordered(), batch));
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
            lines[place].add(of(now, then), batch);
            changed.push(place);
        }
    }
    changed.sort_unstable();
    Ok(changed)
}

fn next_batch(lines: &[Line]) -> usize {
    let portions = lines.iter().flat_map(|line| &line.portions);
    portions.map(|portion| portion.batch).max().unwrap_or(0) + 1
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
            let gone = ahead.take_gains(&mut order.clone(), before, at)?;
            let makes_room = |account: &str| ahead.taken_of(&gone, account).1;
            let earned = self.news(order, before, (&accounts, added), makes_room)?;
            let was_first = order.is_over && self.books.counted(&of).made() == 0;
            let batch = order.lines[changed[0]].portions.last().unwrap().batch;
            let gains = self.give_all(&earned, order.at, (name, batch))?;
            self.hand_to_buyers(order, &gains);
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

    /// What an edit earns goes with the order, also when that goes back to whom it was bought by.
    fn hand_to_buyers(&mut self, order: &Order, gains: &[Gain]) {
        for gain in gains {
            let Some(index) = gain.transaction else { continue };
            let buyer = &order.accounts[gain.account];
            let buyer = if gain.is_bonus { bonus_of(buyer) } else { buyer.clone() };
            let transaction = &mut self.books.transactions[index];
            let before = std::mem::replace(&mut transaction.counts_for, buyer.clone());
            let (made, counts) = (transaction.made, transaction.counts);
            if let Some(lot) = made {
                self.books.lots[lot].maker = buyer.clone();
            }
            if counts {
                self.books.count(&before).earned -= gain.points;
                self.books.count(&buyer).earned += gain.points;
            }
        }
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
        edited.refunded = self.move_payment(order, before, (removed, added), at)?;
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

    /// What points have paid of what is gone pays what takes its place; the rest is given back.
    fn move_payment(
        &mut self,
        order: &mut Order,
        before: &[Line],
        (removed, added): (i64, i64),
        at: Timestamp,
    ) -> Result<(i64, i64), Refusal> {
        let Some(mut payment) = order.payment.clone() else { return Ok((0, 0)) };
        let (now, then) = (payment.of_gone(&order.lines), payment.of_gone(before));
        let back = |paid: i64| beyond(paid, removed, added);
        let (points, worth) = (now.0 - then.0, now.1 - then.1);
        let refunded = self.refund(&payment, back(points), at)?;
        let part =
            PaidPart { points: points - back(points), worth: worth - back(worth), of: added };
        let batch = next_batch(before);
        payment.parts.insert(batch, part);
        order.payment = Some(payment);
        Ok((refunded, back(worth)))
    }

    /// What each account gets for what was added: what is missing of what the order would earn at
    /// once.
    fn news(
        &self,
        order: &Order,
        before: &[Line],
        (accounts, added): (&[String], i64),
        makes_room: impl Fn(&str) -> i64,
    ) -> Result<Vec<Earned>, Refusal> {
        let left = |lines: &[Line]| -> i64 { lines.iter().map(|line| line.left().amount).sum() };
        let removed = left(before) + added - left(&order.lines);
        let paid = |lines: &[Line]| order.payment.as_ref().map_or(0, |paid| paid.left(lines));
        let gone = paid(before) - paid(&order.lines);
        let now = left(&order.lines) - (paid(&order.lines) + gone - beyond(gone, removed, added));
        let then = (!order.is_over).then(|| left(before) - paid(before));
        let first = before.iter().flat_map(|line| &line.portions).filter(|one| one.batch == 0);
        let first: i64 = first.map(|portion| portion.of.amount).sum();
        let first = first - order.payment.as_ref().map_or(0, |payment| payment.worth);
        let mut all = Vec::new();
        for (account, name) in accounts.iter().enumerate() {
            let new = |is_bonus: bool| {
                let at_once = |money: i64| self.at_once(money, is_bonus);
                let has = self.has(order, before, (account, is_bonus));
                let is_as_then = at_once(first).0 == has.first;
                let (after, cut) = at_once(now);
                let (earned, was_cut) = then.map_or((0, 0), at_once);
                let more = after - earned;
                let in_place = has.gone - beyond(has.gone, removed, added);
                let missing = after - has.kept - has.forgiven;
                let most = match is_as_then {
                    true => missing,
                    false => missing.min(in_place.max(has.gone + more)),
                };
                let least = in_place.min(has.gone + more.min(0));
                (most.max(least).max(0), (cut - was_cut).max(0))
            };
            let (points, cut) = new(false);
            let room = self.room(name, order.at, makes_room(name));
            let is_too_much = room < points + cut || cut > 0;
            if is_too_much && self.terms.caps.is_some_and(|caps| caps.refuses) {
                return Err("CAP_REACHED");
            }
            let bonus = new(true).0;
            let points = points.min(room);
            all.push(Earned { account: name.clone(), points, cut: 0, bonus });
        }
        Ok(all)
    }

    /// What so much money would earn of one of the types, and what the cap of a transaction cuts of
    /// it.
    fn at_once(&self, money: i64, is_bonus: bool) -> (i64, i64) {
        if is_bonus {
            return (if self.terms.bonus { money / BONUS_PER } else { 0 }, 0);
        }
        let most = (money / 100 + THANKS).min(PURCHASE_MAX);
        let given = self.of_one(most);
        (given, most - given)
    }

    fn has(&self, order: &Order, before: &[Line], of: (usize, bool)) -> Has {
        let mut has = Has {
            forgiven: order.forgiven.get(&of).copied().unwrap_or_default(),
            ..Has::default()
        };
        for (index, gain) in order.gains.iter().enumerate() {
            if (gain.account, gain.is_bonus) != of {
                continue;
            }
            let gone = earned_by_gone(order, before, index);
            let all_gone: i64 = order.lines.iter().map(|line| line.points_gone(index)).sum();
            has.kept += gain.points - all_gone;
            has.first += if gain.batch == 0 { gain.points + gain.cut } else { 0 };
            match gain.transaction.is_some_and(|transaction| self.is_voided(transaction)) {
                true => has.forgiven += gone,
                false => has.gone += gone,
            }
        }
        has
    }
}

/// What an account has of an order of one type of points.
#[derive(Debug, Default)]
struct Has {
    kept: i64,
    /// What goes now had earned it.
    gone: i64,
    forgiven: i64,
    /// What it got when the order was placed, and would have got if it had had nothing else.
    first: i64,
}

/// What of something belongs to what is gone beyond what takes its place.
fn beyond(of: i64, removed: i64, added: i64) -> i64 {
    if removed > added { up_to(of, (removed - added).into(), removed.into()) } else { 0 }
}
