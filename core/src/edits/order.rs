//! An order as rules and plugins judge it: as it is now, as it was, and as it was recorded. They see
//! all of what is left of it, what points pay of it, and its member as it would be without the order:
//! the same that they would see if it were bought at once.

use super::booking::Booking;
use crate::accounts::{PointType, Standing};
use crate::cart::{CheckedCart, Line};
use crate::definition::Definition;
use crate::earning::{Facts, Judged, Missing, PluginProposal, judge};
use crate::members::Member;
use crate::operation::Operation;
use crate::plugins::Recorded;
use crate::returns::{LineState, Taken};
use crate::{Currency, Points, Result};

/// An order at one time.
pub(super) struct Seen {
    pub(super) cart: CheckedCart,
    /// What of it points pay.
    paid_minor: i64,
    /// What plugins say of it.
    pub(super) proposals: Vec<PluginProposal>,
}

/// An order at all times that count.
pub(super) struct Order {
    pub(super) now: Seen,
    /// None if it was no purchase.
    pub(super) before: Option<Seen>,
    /// As it was recorded, where that says whether the rules are those of then, and it is not as it
    /// was before.
    pub(super) recorded: Option<Seen>,
    /// Whether it was recorded as it was before, and the rules are those of then.
    is_as_recorded: bool,
    /// Plugins that were not heard.
    pub(super) missing: Vec<Missing>,
    /// The calls of plugins, as far as the program keeps them.
    pub(super) runs: Vec<Recorded>,
}

/// What rules and plugins give for it, before anything is cut.
pub(super) struct JudgedOrder<'d> {
    pub(super) now: Judged<'d>,
    pub(super) before: Option<Judged<'d>>,
    recorded: Option<Judged<'d>>,
    is_as_recorded: bool,
    /// The buyer's without the order.
    pub(super) tier: Option<String>,
}

impl Seen {
    fn of(lines: impl Iterator<Item = Line>, of: (Currency, i64), paid_minor: i64) -> Self {
        let (currency, total_minor) = of;
        let cart = CheckedCart { currency, total_minor, lines: lines.collect() };
        Self { cart, paid_minor, proposals: Vec::new() }
    }

    /// What is left of lines.
    fn left(lines: &[LineState], currency: Currency, paid_minor: i64) -> Self {
        let total_minor = lines.iter().map(|line| line.left().amount_minor).sum();
        let there = lines.iter().filter(|line| line.left() != Taken::default());
        let there = there.filter(|line| line.position > 0).map(|line| shown(line, line.left()));
        Self::of(there, (currency, total_minor), paid_minor)
    }

    /// What was recorded first of lines.
    fn recorded(lines: &[LineState], currency: Currency, (total, paid): (i64, i64)) -> Self {
        let first = lines.iter().filter_map(|line| {
            let mut portions = line.portions.iter();
            portions.find(|portion| portion.edit.is_none()).map(|first| (line, first.bought()))
        });
        let first = first.filter(|(line, _)| line.position > 0);
        Self::of(first.map(|(line, bought)| shown(line, bought)), (currency, total), paid)
    }

    fn judged<'d>(
        &self,
        definition: &'d Definition,
        (member, standing): (&Member, &Standing),
    ) -> Result<Judged<'d>> {
        let facts = Facts::new(member, standing, &self.cart, self.paid_minor);
        judge(definition, &facts, &self.proposals)
    }
}

/// A line with so much of it. Where only money is left of it, it is one item: no rule has to expect
/// a line of nothing.
fn shown(line: &LineState, amount: Taken) -> Line {
    Line {
        sku: line.sku.clone(),
        category: line.category.clone(),
        quantity: u32::try_from(amount.quantity).unwrap_or(u32::MAX).max(1),
        amount_minor: amount.amount_minor,
    }
}

impl Order {
    /// Of an edit that adds something, as its member's row of it has it.
    pub(super) fn of(operation: &Operation<'_>, own: &Booking<'_>) -> Result<Self> {
        let Booking { bought, difference, .. } = own;
        let definition = &operation.program().definition;
        let currency = definition.currency;
        let (paid_before, paid_now) = (bought.paid_left()?.1, own.paid_left_minor()?);
        let before = Seen::left(&bought.lines, currency, paid_before);
        let is_something = before.cart.total_minor > 0 || definition.counts_free_purchases;
        let is_judged_so = bought.is_judged_by(operation.program().revision);
        let is_changed = !bought.is_as_recorded();
        let recorded = (is_judged_so && is_changed)
            .then(|| Seen::recorded(&bought.lines, currency, bought.recorded_as()));
        Ok(Self {
            now: Seen::left(&difference.lines, currency, paid_now),
            before: Some(before).filter(|_| bought.stands() && is_something),
            recorded,
            is_as_recorded: is_judged_so && !is_changed,
            missing: Vec::new(),
            runs: Vec::new(),
        })
    }

    /// Leaves out what plugins say that were not heard of the order at all times: of one alone nobody
    /// knows the difference.
    pub(super) fn leave_out(&mut self, missing: Vec<Missing>) {
        for one in missing {
            for seen in self.all() {
                seen.proposals.retain(|proposal| proposal.plugin != one.plugin);
            }
            if self.missing.iter().all(|known| known.plugin != one.plugin) {
                self.missing.push(one);
            }
        }
    }

    pub(super) fn all(&mut self) -> impl Iterator<Item = &mut Seen> {
        [Some(&mut self.now), self.before.as_mut(), self.recorded.as_mut()].into_iter().flatten()
    }

    pub(super) fn judged<'d>(
        &self,
        definition: &'d Definition,
        member: &Member,
        standing: &Standing,
    ) -> Result<JudgedOrder<'d>> {
        let judged = |seen: &Seen| seen.judged(definition, (member, standing));
        Ok(JudgedOrder {
            now: judged(&self.now)?,
            before: self.before.as_ref().map(judged).transpose()?,
            recorded: self.recorded.as_ref().map(judged).transpose()?,
            is_as_recorded: self.is_as_recorded,
            tier: standing.tier.clone(),
        })
    }
}

impl<'d> JudgedOrder<'d> {
    /// As it was recorded, where that says whether the rules are those of then.
    pub(super) fn recorded(&self) -> Option<&Judged<'d>> {
        self.recorded.as_ref().or(self.before.as_ref().filter(|_| self.is_as_recorded))
    }
}

/// The member of an order as it would be without it.
pub(super) fn without(operation: &Operation<'_>, own: &Booking<'_>) -> Result<Standing> {
    let bought = own.bought;
    let mut standing = operation.state(bought.row.member_id)?.standing.clone();
    if !bought.stands() {
        return Ok(standing);
    }
    if bought.row.is_for_group_alone() {
        standing.purchases_for_groups -= 1;
    } else {
        standing.purchases -= 1;
        standing.spent_minor -= bought.left_minor() - bought.paid_left()?.1;
        let has = own.had(&PointType::main())?;
        let earned = standing.points_earned(&PointType::main()).minus(has)?.max(Points::ZERO);
        standing.earned.insert(PointType::main(), earned);
    }
    // What was bought after it is nothing that was there before.
    if bought.is_first() && standing.purchases_for_groups == 0 {
        (standing.purchases, standing.spent_minor) = (0, 0);
    }
    // Nor is the tier that the order itself has brought.
    let reached = operation.program().definition.ladder().reached(&standing);
    standing.tier = reached.map(|tier| tier.id.clone());
    Ok(standing)
}
