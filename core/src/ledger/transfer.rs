//! Transferring: points that a member gives to another, or an operator for the member.

use super::section::TransferTerms;
use super::{Ledger, Transaction, ask_transactions};
use crate::accounts::{Lots, ask_states};
use crate::context::Program;
use crate::db::{Answers, Look, Question, TryError, row};
use crate::hash::ArgumentsHash;
use crate::idempotency::IdempotencyKey;
use crate::members::{self, MemberRef, Named, NamedQuestions, ask_named, normal_code};
use crate::operation::{Operation, Transferring, decide};
use crate::text::{self, invalid};
use crate::{
    Actor, Code, Error, MemberId, PointType, Points, Result, Scope, Subject, Timestamp,
    TransactionId,
};
use serde::Serialize;

/// A request to give points of one member to another.
#[derive(Clone, Debug)]
pub struct Transfer {
    pub from: MemberRef,
    pub to: Recipient,
    /// Above zero.
    pub points: Points,
    /// The id of their type; the program's main points when absent.
    pub point_type: Option<String>,
    /// Why, for people: both members see it.
    pub reason: String,
    /// Chosen by the caller, unique among the member's transfers; a repeat returns the first.
    pub idempotency_key: String,
}

/// Who gets points.
#[derive(Clone, Debug, Serialize)]
pub enum Recipient {
    Member(MemberRef),
    /// Whose referral code it is, which members give to each other: it says nothing of them.
    ReferralCode(String),
}

/// What a transfer did on both sides.
#[derive(Clone, Debug)]
pub struct Transferred {
    pub sent: Transaction,
    pub received: Transaction,
}

#[derive(Serialize)]
struct Arguments<'a> {
    to: &'a Recipient,
    points: Points,
    #[serde(skip_serializing_if = "Option::is_none")]
    point_type: Option<&'a str>,
    reason: &'a str,
}

row! {
    pub(crate) struct TransferRow in "transfers" {
        pub(crate) sent_id: TransactionId,
        pub(crate) received_id: TransactionId,
        pub(crate) sender_id: MemberId,
        pub(crate) receiver_id: MemberId,
        pub(crate) point_type: PointType,
        pub(crate) points: Points,
        pub(crate) sent_at: Timestamp,
        pub(crate) own_day: Option<String>,
        pub(crate) idempotency_key: String,
        pub(crate) arguments_hash: ArgumentsHash,
    }
}

row! {
    struct KnownRow {
        sender_id: MemberId,
        sent_id: TransactionId,
        received_id: TransactionId,
        arguments_hash: ArgumentsHash,
    }
}

row! {
    struct CodeKey {
        code: String,
    }
}

row! {
    struct CodedRow {
        id: MemberId,
    }
}

row! {
    /// What a member has transferred of a type on a day.
    struct DayRow {
        own_day: String,
        point_type: PointType,
        points: Points,
    }
}

const CODED: &str = "
    SELECT COALESCE(m.merged_into, m.id) AS id
    FROM {rows} AS k EACH members AS m
    WHERE m.program_id = $1 AND m.referral_code = k.code";
const KNOWN: &str = "
    SELECT x.sender_id, x.sent_id, x.received_id, x.arguments_hash, k.is_survivor
    FROM request AS k EACH transfers AS x
    WHERE x.program_id = $1 AND x.sender_id = k.member_id AND x.idempotency_key = k.key";
const FIRST_KNOWN: &str = "
    SELECT sender_id, sent_id, received_id, arguments_hash
    FROM known
    ORDER BY is_survivor";
/// The sender, and whoever was merged into it.
const SENDERS: &str = "
    SELECT k.id
    FROM named AS k
    UNION
    SELECT m.id
    FROM named AS k EACH members AS m
    WHERE m.program_id = $1 AND m.merged_into = k.id";
/// Of two days, one of which is the program's today, wherever it is.
const LATELY: &str = "
    SELECT x.own_day, x.point_type, x.points
    FROM senders AS k EACH transfers AS x
    WHERE x.program_id = $1 AND x.sender_id = k.id
        AND x.sent_at > (SELECT now FROM p) - 172800000000 AND x.own_day IS NOT NULL";
const BY_DAY: &str = "
    SELECT own_day, point_type, CAST(SUM(points) AS BIGINT) AS points
    FROM lately
    GROUP BY own_day, point_type";

/// The questions of a transfer.
#[derive(Clone, Copy)]
struct Questions {
    named: NamedQuestions,
    coded: Question<CodedRow>,
    known: Question<KnownRow>,
    /// If a member does it.
    lately: Option<Question<DayRow>>,
}

impl Ledger<'_> {
    /// Gives points of one member to another; a member gives its own, within what the program file
    /// says, and operators any. Fails with `INSUFFICIENT_POINTS`, `TRANSFER_NOT_ALLOWED`,
    /// `MEMBER_NOT_FOUND`, `REFERRAL_CODE_UNKNOWN`, `POINT_TYPE_NOT_FOUND`,
    /// `IDEMPOTENCY_KEY_REUSED` or `INVALID_INPUT`; nothing changes then.
    pub async fn transfer(self, actor: &Actor, request: &Transfer) -> Result<Transferred> {
        match &request.from {
            MemberRef::Id(id) => actor.require_for(*id, Scope::PointsAdjust)?,
            MemberRef::ExternalId(_) => actor.require(Scope::PointsAdjust)?,
        }
        let key = request.check()?;
        let ids = decide(self.context, actor.program(), "transferring points", |program| {
            self.try_transfer(program, actor, request, &key)
        })
        .await?;
        self.both(actor, ids).await
    }

    async fn try_transfer(
        self,
        program: Program,
        actor: &Actor,
        request: &Transfer,
        key: &IdempotencyKey,
    ) -> Result<(TransactionId, TransactionId), TryError> {
        let is_own = matches!(actor.subject(), Subject::Member(_));
        let mut look = self.context.look(program.id);
        let questions = request.ask(&mut look, key, is_own);
        let states = ask_states(&mut look, Lots::All);
        let (found, program) = self.context.ask(&program, look).await?;
        let named = questions.named.read(&found)?;
        let (from, to) = request.sides(&found, &named, questions)?;
        let mut known = found.rows(questions.known)?.into_iter();
        if let Some(known) = known.find(|known| named.is(&request.from, known.sender_id)) {
            key.check(&known.arguments_hash)?;
            return Ok((known.sent_id, known.received_id));
        }
        let to = to?;
        if from == to {
            return Err(invalid(request.to.field(), "is the member itself: name another").into());
        }
        let point_type = program.definition.spendable(request.point_type.as_deref())?;
        let today = program.now.date_in(&program.definition.zone).to_string();
        let (points, sent_at) = (request.points, program.now);
        if let Some(lately) = questions.lately {
            let mut days = found.rows(lately)?.into_iter();
            let is_of_today = |day: &DayRow| day.own_day == today && day.point_type == point_type;
            let sent = days.find(is_of_today).map_or(Points::ZERO, |day| day.points);
            allowed(program.definition.transfers(), points, sent)?;
        }
        let mut operation = Operation::begin(self.context, program, states.read(&found)?)?;
        operation.act_as(actor.subject());
        let reason = &request.reason;
        let (sent_id, received_id) = operation
            .transfer(&Transferring { from, to, points, point_type: &point_type, reason })
            .map_err(|error| match error.code() {
                Code::Overflow => error.at("points"),
                _ => error,
            })?;
        operation.insert(&TransferRow {
            sent_id,
            received_id,
            sender_id: from,
            receiver_id: to,
            point_type,
            points,
            sent_at,
            own_day: is_own.then_some(today),
            idempotency_key: key.key.clone(),
            arguments_hash: key.arguments_hash.clone(),
        });
        operation.commit().await?;
        Ok((sent_id, received_id))
    }

    /// Both transactions, which were just written or once before.
    async fn both(
        self,
        actor: &Actor,
        (sent, received): (TransactionId, TransactionId),
    ) -> Result<Transferred> {
        let mut look = self.context.look(actor.program());
        let question = ask_transactions(&mut look, [sent, received]);
        let rows = self.context.show(look).await?.rows(question)?;
        let all: Vec<_> = rows.into_iter().map(Transaction::try_from).collect::<Result<_>>()?;
        let the = |id: TransactionId| {
            let found = all.iter().find(|one| one.id == id).cloned();
            found.ok_or_else(|| Error::internal(format!("{id} is gone")))
        };
        Ok(Transferred { sent: the(sent)?, received: the(received)? })
    }
}

impl Recipient {
    /// How the request calls it.
    const fn field(&self) -> &'static str {
        match self {
            Self::Member(_) => "to",
            Self::ReferralCode(_) => "toReferralCode",
        }
    }
}

impl Transfer {
    fn check(&self) -> Result<IdempotencyKey> {
        self.from.check_at("from")?;
        if let Recipient::Member(to) = &self.to {
            to.check_at("to")?;
        }
        text::name("reason", &self.reason)?;
        if !self.points.is_positive() {
            return Err(invalid("points", "use a number above zero"));
        }
        IdempotencyKey::new(
            &self.idempotency_key,
            &Arguments {
                to: &self.to,
                points: self.points,
                point_type: self.point_type.as_deref(),
                reason: &self.reason,
            },
        )
    }

    fn ask(&self, look: &mut Look, key: &IdempotencyKey, is_own: bool) -> Questions {
        let (to, code) = match &self.to {
            Recipient::Member(to) => (Some(to), None),
            Recipient::ReferralCode(code) => (None, Some(normal_code(code))),
        };
        let named = ask_named(look, [&self.from].into_iter().chain(to));
        let code = code.filter(|code| text::is_identifier(code));
        let codes: Vec<_> = code.into_iter().map(|code| CodeKey { code }).collect();
        look.table_over("coded", CODED, &codes);
        look.table("who", "SELECT id FROM named UNION SELECT id FROM coded");
        key.ask(look);
        look.table("known", KNOWN);
        let known = look.ask(FIRST_KNOWN);
        let lately = is_own.then(|| {
            look.table("senders", SENDERS);
            look.table("lately", LATELY);
            look.ask(BY_DAY)
        });
        Questions { named, coded: look.ask("SELECT id FROM coded"), known, lately }
    }

    /// Who gives, and who gets if there is such a member.
    fn sides(
        &self,
        found: &Answers,
        named: &Named,
        questions: Questions,
    ) -> Result<(MemberId, Result<MemberId>)> {
        let the = |member: &MemberRef, field: &str| {
            let found = named.get(member);
            found.map(|member| member.id).ok_or_else(|| members::not_found().at(field))
        };
        let coded = found.rows(questions.coded)?.pop();
        let to = match &self.to {
            Recipient::Member(to) => the(to, self.to.field()),
            Recipient::ReferralCode(_) => coded.map(|row| row.id).ok_or_else(|| {
                let why = "nobody has this referral code";
                Error::new(Code::ReferralCodeUnknown, why).at(self.to.field())
            }),
        };
        Ok((the(&self.from, "from")?, to))
    }
}

/// Whether a member may transfer so many points itself, after so many on the same day.
fn allowed(terms: Option<TransferTerms>, points: Points, today: Points) -> Result<()> {
    let refused = |why: String| Err(Error::new(Code::TransferNotAllowed, why).at("points"));
    let Some(TransferTerms { min, max, max_per_day }) = terms else {
        let why = "members of this program do not transfer points themselves";
        return Err(Error::new(Code::TransferNotAllowed, why));
    };
    if points < min {
        return refused(format!("at least {min} points are transferred at once"));
    }
    if let Some(max) = max.filter(|max| points > *max) {
        return refused(format!("at most {max} points are transferred at once"));
    }
    match max_per_day {
        Some(most) if today.plus(points).map_or(true, |all| all > most) => refused(format!(
            "at most {most} points are transferred on one day, and {today} were today"
        )),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_transfers_what_the_program_allows_to_the_point() {
        let points = Points::new;
        let (max, max_per_day) = (Some(points(50)), Some(points(80)));
        let terms = Some(TransferTerms { min: points(10), max, max_per_day });
        let is_allowed = |now, today| allowed(terms, points(now), points(today)).is_ok();
        assert_eq!([9, 10, 50, 51].map(|now| is_allowed(now, 0)), [false, true, true, false]);
        assert_eq!([30, 31].map(|now| is_allowed(now, 50)), [true, false]);
        let any = Some(TransferTerms { min: points(1), max: None, max_per_day: None });
        assert!(allowed(any, Points::MAX, Points::MAX).is_ok());
        assert!(allowed(None, points(10), points(0)).is_err(), "members do not");
    }
}
