//! Carrying out what plugins asked for: the effects, the plugins' states and the end of the
//! deliveries in one commit. The row in `plugin_runs` makes a second commit of the same event
//! impossible.

use super::budgets::{Spending, ask_spending};
use super::effects::{AskedBy, Known, Plan};
use super::queue::{self, Delivery};
use super::recordings::{Occasion, Recorded};
use super::states::StateKey;
use crate::accounts::{Lots, States, ask_gained, ask_late};
use crate::context::{Context, Program};
use crate::db::{TryError, row};
use crate::hash::Sha256Hex;
use crate::members::{Tags, ask_tags};
use crate::operation::{Operation, decide, look_at};
use crate::records::{Puts, ask_records};
use crate::{EventId, MemberId, Result, Timestamp};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A delivery whose plugin answered, checked.
#[derive(Debug)]
pub(super) struct Handled {
    pub(super) delivery: Delivery,
    pub(super) asked_by: AskedBy,
    /// What the plugin keeps of the event's subject.
    pub(super) state: StateKey,
    pub(super) plan: Plan,
    pub(super) actions: usize,
    pub(super) fuel: u64,
    pub(super) log: Vec<String>,
    /// The call, if the program keeps it.
    pub(super) recorded: Option<Recorded>,
}

/// An answer for which the plugin's budget does not suffice.
#[derive(Debug)]
pub(super) struct OverBudget {
    pub(super) delivery: Delivery,
    pub(super) why: String,
}

row! {
    struct RunKey {
        plugin_id: String,
        event_id: EventId,
    }
}

row! {
    struct RunRow in "plugin_runs" {
        plugin_id: String,
        event_id: EventId,
        member_id: MemberId,
        member_seq: i64,
        digest: Sha256Hex,
        fuel: u64,
        actions: usize,
        log: Value,
        handled_at: Timestamp,
    }
}

const RUNS: &str = "
    SELECT u.plugin_id, u.event_id
    FROM {rows} AS k EACH plugin_runs AS u
    WHERE u.program_id = $1 AND u.plugin_id = k.plugin_id AND u.event_id = k.event_id";

/// What has to be known before the effects are decided.
struct Found {
    program: Program,
    states: States,
    known: Known,
    spending: Spending,
    /// What another node has carried out meanwhile.
    done: BTreeSet<(String, EventId)>,
}

/// Carries out all of it. Effects are decided from the states that the plugins were briefed with,
/// if those still hold. Each time that members change meanwhile, half as much is tried at once, so
/// that a crowd of busy members does not keep all of it from getting through. Returns what budgets do not
/// suffice for, which was not carried out.
pub(super) async fn carry_out(
    context: &Context,
    program: &Program,
    briefed: States,
    handled: &[Handled],
) -> Result<Vec<OverBudget>> {
    if handled.is_empty() {
        return Ok(Vec::new());
    }
    let looks_back =
        program.definition.has_caps_of_periods() || program.definition.sliding().next().is_some();
    let needs_more = |done: &Handled| {
        let (plan, is_limited) = (&done.plan, program.definition.budget(&done.asked_by.plugin));
        plan.record_keys().next().is_some()
            || plan.changes_tags()
            || plan.deducts_points()
            || (looks_back && plan.awards_points())
            || (is_limited.is_some() && !plan.given().is_nothing())
    };
    let mut briefed = Some(briefed).filter(|_| !handled.iter().any(needs_more));
    let mut all_over = Vec::new();
    let mut left = handled;
    while !left.is_empty() {
        let mut most = left.len();
        let carry_out = |current| {
            let (briefed, part) = (briefed.take(), &left[..most]);
            most = most.div_ceil(2);
            async move {
                let found = match briefed {
                    Some(states) => Found::briefed(program, states),
                    None => Found::look(context, &current, part).await?,
                };
                Ok((part.len(), found.carry_out(context, part).await?))
            }
        };
        let what = "carrying out what plugins asked for";
        let (done, over) = decide(context, program.id, what, carry_out).await?;
        left = &left[done..];
        all_over.extend(over);
    }
    Ok(all_over)
}

impl Found {
    fn briefed(program: &Program, states: States) -> Self {
        let (program, known) = (program.clone(), Known::default());
        let (spending, done) = (Spending::default(), BTreeSet::new());
        Self { program, states, known, spending, done }
    }

    async fn look(
        context: &Context,
        program: &Program,
        handled: &[Handled],
    ) -> Result<Self, TryError> {
        let members: BTreeSet<_> = handled.iter().map(|done| done.asked_by.member).collect();
        let deducts = handled.iter().any(|done| done.plan.deducts_points());
        let lots = if deducts { Lots::All } else { Lots::IfDue };
        let (mut look, states) = look_at(context, program, members, lots);
        let tags = handled.iter().any(|done| done.plan.changes_tags());
        let tags = tags.then(|| ask_tags(&mut look));
        let keys: Vec<_> = handled.iter().map(Handled::run_key).collect();
        let runs = look.ask_over::<_, RunKey>(RUNS, &keys);
        let keys = handled.iter().flat_map(|done| done.plan.record_keys());
        let records = ask_records(&mut look, keys);
        let awarding = handled.iter().filter(|done| done.plan.awards_points());
        let instants = awarding.map(|done| done.asked_by.at);
        let periods = program.definition.capped_periods(instants.clone().map(Some), program.now)?;
        let gained = periods.map(|periods| ask_gained(&mut look, periods));
        let since = program.definition.late_since(instants);
        let late = since.map(|since| ask_late(&mut look, since, true));
        let plugins = handled.iter().map(|done| done.asked_by.plugin.as_str());
        let spending = ask_spending(&mut look, program, plugins);
        let (answers, program) = context.ask(program, look).await?;
        let runs = answers.rows(runs)?.into_iter();
        let mut states = states.read(&answers)?;
        gained.map_or(Ok(()), |gained| gained.read(&answers, &mut states))?;
        late.map_or(Ok(()), |late| late.read(&answers, &mut states))?;
        Ok(Self {
            program,
            states,
            known: Known {
                puts: Puts::among(answers.rows(records)?),
                tags: tags.map_or(Ok(Tags::default()), |tags| Tags::of(tags, &answers))?,
            },
            spending: Spending::of(spending, &answers)?,
            done: runs.map(|run| (run.plugin_id, run.event_id)).collect(),
        })
    }

    async fn carry_out(
        mut self,
        context: &Context,
        handled: &[Handled],
    ) -> Result<Vec<OverBudget>, TryError> {
        let mut over = Vec::new();
        let mut operation = Operation::begin(context, self.program, self.states)?;
        for one in handled {
            let run = (one.asked_by.plugin.clone(), one.asked_by.event);
            if self.done.contains(&run) || operation.is_erased(one.asked_by.member) {
                queue::finish(&mut operation, &one.delivery);
                continue;
            }
            let (plugin, given) = (&one.asked_by.plugin, one.plan.given());
            if let Some(why) = self.spending.take(operation.program(), plugin, given)? {
                over.push(OverBudget { delivery: one.delivery.clone(), why });
                continue;
            }
            queue::finish(&mut operation, &one.delivery);
            if one.keeps_something() {
                // So that nothing is kept of a member who is erased meanwhile.
                operation.change(one.asked_by.member)?.touch();
            }
            operation.insert(&one.run_row(operation.recorded_at()));
            if let Some(recorded) = &one.recorded {
                let of = (one.asked_by.member, Occasion::Event(one.asked_by.event));
                recorded.write(&mut operation, of);
            }
            operation.follow(Some(one.asked_by.chain));
            one.plan.apply(&mut operation, &mut self.known, &one.asked_by, &one.state)?;
        }
        operation.follow(None);
        self.known.puts.write(&mut operation);
        self.known.tags.write(&mut operation);
        self.spending.write(&mut operation);
        operation.commit().await?;
        Ok(over)
    }
}

impl Handled {
    /// Whether it is what came of a delivery.
    pub(super) fn is(&self, delivery: &Delivery) -> bool {
        self.delivery.plugin_id == delivery.plugin_id && self.delivery.event_id == delivery.event_id
    }

    /// Where its effects stand among those of a batch.
    pub(super) fn order(&self) -> (EventId, &str) {
        (self.asked_by.event, &self.asked_by.plugin)
    }

    /// Whether a plugin has handled it.
    pub(super) fn is_of(&self, plugin: &str) -> bool {
        self.asked_by.plugin == plugin
    }

    fn run_key(&self) -> RunKey {
        RunKey { plugin_id: self.asked_by.plugin.clone(), event_id: self.asked_by.event }
    }

    /// Whether something of the member is written that hangs on no account by itself.
    fn keeps_something(&self) -> bool {
        !self.log.is_empty() || self.recorded.is_some() || self.plan.keeps_something()
    }

    fn run_row(&self, handled_at: Timestamp) -> RunRow {
        RunRow {
            plugin_id: self.asked_by.plugin.clone(),
            event_id: self.asked_by.event,
            member_id: self.asked_by.member,
            member_seq: self.delivery.member_seq,
            digest: Sha256Hex(self.asked_by.digest.clone()),
            fuel: self.fuel,
            actions: self.actions,
            log: json!(self.log),
            handled_at,
        }
    }
}
