//! Cards in a look: by what names them, and what a request that makes one has to know.

use super::code::CardCode;
use super::erased::{ErasedRow, of_key};
use super::model::{Card, CardKind, CardRef, CardStatus, Issued, no_card};
use crate::db::{Answers, Look, Question, row};
use crate::hash::ArgumentsHash;
use crate::idempotency::IdempotencyKey;
use crate::{CardId, Code, Error, MemberId, Points, ProgramId, Result, Timestamp};

row! {
    /// How a card is named: by one of the two.
    struct CardKey {
        id: Option<CardId>,
        code_hash: Option<Vec<u8>>,
    }
}

row! {
    /// A card with what names it, and what the request said that made it.
    struct CardRow {
        id: CardId,
        account_id: MemberId,
        kind: CardKind,
        code_hash: Vec<u8>,
        last_four: String,
        status: CardStatus,
        replaced_by: Option<CardId>,
        issued_at: Timestamp,
        ended_at: Option<Timestamp>,
        ended_points: Option<Points>,
        reason: Option<String>,
        arguments_hash: ArgumentsHash,
    }
}

row! {
    struct KeyRow {
        key: String,
    }
}

row! {
    struct TakenRow {
        id: CardId,
    }
}

const CODED: &str = "
    SELECT c.id, c.account_id, c.kind, c.code_hash, c.last_four, c.status, c.replaced_by, c.issued_at,
        c.ended_at, c.ended_points, c.reason, c.arguments_hash
    FROM {rows} AS k EACH cards AS c
    WHERE c.program_id = $1 AND c.id = k.id
    UNION
    SELECT c.id, c.account_id, c.kind, c.code_hash, c.last_four, c.status, c.replaced_by, c.issued_at,
        c.ended_at, c.ended_points, c.reason, c.arguments_hash
    FROM {rows} AS k EACH cards AS c
    WHERE c.program_id = $1 AND c.code_hash = k.code_hash";
const KNOWN: &str = "
    SELECT c.id, c.account_id, c.kind, c.code_hash, c.last_four, c.status, c.replaced_by, c.issued_at,
        c.ended_at, c.ended_points, c.reason, c.arguments_hash
    FROM {rows} AS k EACH cards AS c
    WHERE c.program_id = $1 AND c.idempotency_key = k.key";
const TAKEN: &str = "
    SELECT c.id
    FROM {rows} AS k EACH cards AS c
    WHERE c.program_id = $1 AND c.code_hash = k.code_hash";

const ERASED: &str = "
    SELECT z.digest
    FROM {rows} AS k EACH erased_cards AS z
    WHERE z.program_id = $1 AND z.digest = k.digest";

/// The question about cards that were named.
#[derive(Clone, Copy)]
pub(crate) struct CardsQuestion {
    coded: Question<CardRow>,
    program: ProgramId,
}

/// Cards by what names them.
#[derive(Debug, Default)]
pub(crate) struct FoundCards {
    cards: Vec<(Vec<u8>, Card)>,
    program: Option<ProgramId>,
}

/// Names cards: the table `coded` has them, with the account of each.
pub(crate) fn ask_cards<'c>(
    look: &mut Look,
    program: ProgramId,
    cards: impl IntoIterator<Item = &'c CardRef>,
) -> CardsQuestion {
    let keys: Vec<_> = cards.into_iter().map(|card| CardKey::of(card, program)).collect();
    look.table_over("coded", CODED, &keys);
    CardsQuestion { coded: look.ask("SELECT * FROM coded"), program }
}

impl CardsQuestion {
    pub(crate) fn read(self, answers: &Answers) -> Result<FoundCards> {
        let rows = answers.rows(self.coded)?.into_iter();
        let cards = rows.map(|row| (row.code_hash.clone(), row.card())).collect();
        Ok(FoundCards { cards, program: Some(self.program) })
    }
}

impl FoundCards {
    /// The card that is meant, whatever its status. Fails with `CARD_NOT_FOUND`.
    pub(crate) fn get(&self, named: &CardRef) -> Result<&Card> {
        let hash = match (named, self.program) {
            (CardRef::Code(code), Some(program)) => Some(code.hash(program)),
            _ => None,
        };
        let is_meant = |(code_hash, card): &&(Vec<u8>, Card)| match named {
            CardRef::Id(id) => card.id == *id,
            CardRef::Code(_) => Some(code_hash) == hash.as_ref(),
        };
        let found = self.cards.iter().find(is_meant).map(|(_, card)| card);
        found.ok_or_else(|| match named {
            CardRef::Code(code) if code.is_mistyped() => {
                let why = "there is no such card: the code was mistyped";
                Error::new(Code::CardNotFound, why)
            }
            _ => no_card(),
        })
    }

    /// The gift card that is meant, whatever its status. Fails with `CARD_NOT_FOUND`, also for
    /// another card, and for a code that is too short to be one's.
    pub(crate) fn gift(&self, named: &CardRef) -> Result<&Card> {
        if matches!(named, CardRef::Code(code) if !code.is_long()) {
            return Err(no_card());
        }
        Some(self.get(named)?).filter(|card| card.is_gift()).ok_or_else(no_card)
    }
}

/// The questions about a request that makes a card.
#[derive(Clone, Copy)]
pub(super) struct NewQuestions {
    known: Question<CardRow>,
    taken: Question<TakenRow>,
    erased: Question<ErasedRow>,
    program: ProgramId,
}

impl NewQuestions {
    pub(super) fn ask(
        look: &mut Look,
        program: ProgramId,
        key: &IdempotencyKey,
        code: Option<&CardCode>,
    ) -> Self {
        let known = look.ask_over(KNOWN, &[KeyRow { key: key.key.clone() }]);
        let codes: Vec<_> = code
            .into_iter()
            .map(|code| CardKey { id: None, code_hash: Some(code.hash(program)) })
            .collect();
        let digests = codes.iter().filter_map(|code| code.code_hash.clone());
        let digests: Vec<_> = digests.chain([of_key(program, key)]).collect();
        let digests: Vec<_> = digests.into_iter().map(|digest| ErasedRow { digest }).collect();
        let (taken, erased) = (look.ask_over(TAKEN, &codes), look.ask_over(ERASED, &digests));
        Self { known, taken, erased, program }
    }

    /// The card that an earlier request made under the key; its code was said then. Fails with
    /// `IDEMPOTENCY_KEY_REUSED`, and with `MEMBER_ERASED` if the card is gone with its member.
    pub(super) fn known(self, answers: &Answers, key: &IdempotencyKey) -> Result<Option<Issued>> {
        let Some(known) = answers.rows(self.known)?.pop() else {
            let digest = of_key(self.program, key);
            return match answers.rows(self.erased)?.iter().any(|row| row.digest == digest) {
                true => Err(erased().at("idempotencyKey")),
                false => Ok(None),
            };
        };
        key.check(&known.arguments_hash)?;
        Ok(Some(Issued { card: known.card(), code: None }))
    }

    /// Fails with `CARD_CODE_TAKEN` where a card has, or had, the code. Comes after
    /// [`Self::known`], so what was erased of these is the code.
    pub(super) fn check_free(self, answers: &Answers) -> Result<()> {
        if answers.rows(self.taken)?.is_empty() && answers.rows(self.erased)?.is_empty() {
            return Ok(());
        }
        let why = "a card of this program has the code, or had it: codes are never used again";
        Err(Error::new(Code::CardCodeTaken, why).at("code"))
    }
}

fn erased() -> Error {
    let why = "the card that was made under the key is gone with its member, who was erased";
    Error::new(Code::MemberErased, why)
}

impl CardKey {
    fn of(card: &CardRef, program: ProgramId) -> Self {
        match card {
            CardRef::Id(id) => Self { id: Some(*id), code_hash: None },
            CardRef::Code(code) => Self { id: None, code_hash: Some(code.hash(program)) },
        }
    }
}

impl CardRow {
    fn card(self) -> Card {
        Card {
            id: self.id,
            account_id: self.account_id,
            kind: self.kind,
            last_four: self.last_four,
            status: self.status,
            replaced_by: self.replaced_by,
            issued_at: self.issued_at,
            ended_at: self.ended_at,
            ended_points: self.ended_points,
            reason: self.reason,
        }
    }
}
