//! Recording a batch of returns.

use super::bought::Bought;
use super::effect::{By, Effect};
use super::look::Found;
use super::model::{NewReturn, ReturnReceipt, Returned};
use super::plan::{is_whole, more_than_is_left, plan};
use super::portion::{LineState, Part, Taken};
use super::write::{Written, write};
use crate::context::{Context, Program};
use crate::db::TryError;
use crate::hash::ArgumentsHash;
use crate::operation::{Combined, ComesBy, Operation, Parts, Turns, decide};
use crate::purchases::LINES_MAX;
use crate::{Actor, Code, Error, MemberId, ProgramId, Result, ReturnId, Timestamp, text};
use serde::Serialize;

#[derive(Serialize)]
struct Arguments<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    returned_at: Option<Timestamp>,
    what: &'a Returned,
}

impl Combined for NewReturn {
    type Answer = ReturnReceipt;

    const NAME: &'static str = "returns";

    fn comes_by(&self) -> ComesBy<'_> {
        self.purchase.comes_by()
    }

    fn member(receipt: &ReturnReceipt) -> MemberId {
        receipt.member
    }

    async fn decide(
        context: &Context,
        program: ProgramId,
        requests: &[(Actor, Self)],
    ) -> Result<Vec<Result<ReturnReceipt>>> {
        let mut parts = Parts::of(requests);
        let attempt = |program| attempt(context, program, parts.take());
        decide(context, program, "recording returns", attempt).await
    }
}

async fn attempt(
    context: &Context,
    program: Program,
    requests: &[(Actor, NewReturn)],
) -> Result<Vec<Result<ReturnReceipt>>, TryError> {
    let asked = requests.iter().map(|(_, request)| request);
    let (found, states, program) = Found::look(context, &program, asked).await?;
    let mut operation = Operation::begin(context, program, states)?;
    let mut turns = Turns::of(requests.len());
    for (actor, request) in requests {
        let bought = found.purchase(&request.purchase);
        let members = bought.map_or_else(Vec::new, |bought| found.members(bought));
        if !turns.has_one_for(&members) {
            break;
        }
        operation.act_as(actor.subject());
        turns.answer(members, found.answer(&mut operation, request));
    }
    turns.commit(operation).await
}

impl Found {
    /// The receipt, and whether this very request made it.
    fn answer(
        &self,
        operation: &mut Operation<'_>,
        request: &NewReturn,
    ) -> Result<(ReturnReceipt, bool)> {
        request.check()?;
        let bought = self.purchase(&request.purchase).ok_or_else(no_purchase)?;
        if let Some(of_nobody) = self.of_nobody(operation, bought) {
            return self.answer_of_nobody(operation, request, &of_nobody);
        }
        let arguments_hash = request.hash();
        if let Some(known) = bought.known(&request.reference) {
            if arguments_hash.repeats(&known.arguments_hash) {
                return Ok((self.receipt(bought, known)?, false));
            }
            return Err(ArgumentsHash::reused(&request.reference));
        }
        let at = bought.instant(operation.program(), "returnedAt", request.returned_at)?;
        let (parts, lines) = request.parts(operation.program(), bought)?;
        let effect = Effect {
            id: ReturnId::new(),
            by: By::Return(&request.reference),
            found: self,
            bought,
            paid: bought.paid_for(&parts)?,
            parts,
            is_whole: is_whole(&lines),
            at,
        };
        let receipt = operation.whole(&self.members(bought), |operation| {
            let (mut receipt, took) = effect.apply(operation)?;
            let written = Written::of_return(&receipt, arguments_hash, &took);
            write(operation, &effect, written, bought.is_written_out)?;
            let own = bought.row.is_counted.then(|| receipt.own());
            let of_groups = self.take_from_groups(operation, &receipt, &effect.parts)?;
            receipt.accruals = own.into_iter().chain(of_groups).collect();
            Ok(receipt)
        })?;
        Ok((receipt, true))
    }
}

impl Bought {
    /// When something happened to it, which stands in `field`. Fails with `CURRENCY_MISMATCH`,
    /// `FUTURE_INSTANT` or `INVALID_INPUT`.
    pub(crate) fn instant(
        &self,
        program: &Program,
        field: &str,
        at: Option<Timestamp>,
    ) -> Result<Timestamp> {
        let (currency, row) = (program.definition.currency, &self.row);
        if row.currency != currency.code() {
            let why = format!("it was in {}, the program counts in {currency}", row.currency);
            return Err(Error::new(Code::CurrencyMismatch, why).at("purchase"));
        }
        let at = program.instant(field, at)?;
        if at < row.purchased_at {
            let why = format!("{at} is before the purchase, {}", row.purchased_at);
            return Err(text::invalid(field, why));
        }
        Ok(at)
    }
}

impl NewReturn {
    pub(super) fn hash(&self) -> ArgumentsHash {
        ArgumentsHash::of(&Arguments { returned_at: self.returned_at, what: &self.what })
    }

    /// What comes back of a purchase, and the lines as they are then.
    pub(super) fn parts(
        &self,
        program: &Program,
        bought: &Bought,
    ) -> Result<(Vec<Part>, Vec<LineState>)> {
        let currency = program.definition.currency;
        let mut lines = bought.lines.clone();
        let parts = plan(&mut lines, &self.what, currency).map_err(|error| error.at("what"))?;
        if parts.is_empty() {
            return Err(nothing_comes_back(&lines));
        }
        Ok((parts, lines))
    }

    fn check(&self) -> Result<()> {
        text::identifier("reference", &self.reference)?;
        self.purchase.check()?;
        let Returned::Lines(lines) = &self.what else { return Ok(()) };
        let at_lines = |error: Error| error.at("lines").at("what");
        if lines.is_empty() {
            let why = "name the lines of which something comes back";
            return Err(at_lines(Error::new(Code::InvalidInput, why)));
        }
        if lines.len() > LINES_MAX {
            return Err(at_lines(Error::new(Code::TooMany, format!("at most {LINES_MAX} lines"))));
        }
        Ok(())
    }
}

fn nothing_comes_back(lines: &[LineState]) -> Error {
    if lines.iter().any(|line| line.left() != Taken::default()) {
        return text::invalid("what", "says of nothing that it comes back");
    }
    more_than_is_left("nothing of it is left to be returned").at("purchase")
}

pub(crate) fn no_purchase() -> Error {
    let why = "there is no such purchase in this program";
    Error::new(Code::PurchaseNotFound, why).at("purchase")
}
