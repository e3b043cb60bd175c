//! The chain of seals: each follows the one before, has the hash of what it says and the digests of
//! what the journal names, and is signed by a key that is known.

use super::Request;
use super::listed::name;
use super::report::{Chain, Fault, First, SealName};
use crate::ProgramId;
use crate::journal::Item;
use crate::sealing::{Block, DIGEST_BYTES, FIRST_PREVIOUS, SealRow, message};
use crate::signing::{Checked, Signature};
use data_encoding::HEXLOWER;

/// The chain as far as it was followed.
pub(super) struct ChainCheck {
    program: ProgramId,
    previous: Vec<u8>,
    number: i64,
    /// Whether the seal that somebody kept was met.
    met_kept: bool,
    pub(super) report: Chain,
    /// Items that were compared with what was sealed of them.
    pub(super) compared: u64,
    /// Items of which nothing is left to be compared, because somebody was erased.
    pub(super) erased: u64,
    pub(super) links: Option<Fault>,
    pub(super) signatures: Option<Fault>,
    pub(super) rows: Option<Fault>,
}

impl ChainCheck {
    pub(super) fn new(program: ProgramId) -> Self {
        Self {
            program,
            previous: FIRST_PREVIOUS.to_vec(),
            number: 0,
            met_kept: false,
            report: Chain::default(),
            compared: 0,
            erased: 0,
            links: None,
            signatures: None,
            rows: None,
        }
    }

    pub(super) fn block<'s>(&self, seal: &'s SealRow) -> Block<'s> {
        Block {
            program: self.program,
            number: seal.number,
            first_position: seal.first_position,
            last_position: seal.last_position,
            sealed_at: seal.sealed_at,
            previous_hash: &seal.previous_hash,
            digests: &seal.digests,
        }
    }

    /// Follows the next seal, which is to begin at the position `next`.
    pub(super) fn link(&mut self, seal: &SealRow, next: i64, request: &Request<'_>) {
        let number = self.number + 1;
        let positions = seal.last_position.saturating_sub(seal.first_position).saturating_add(1);
        let digests = usize::try_from(positions).unwrap_or_default().saturating_mul(DIGEST_BYTES);
        let hash = self.block(seal).hash();
        let hex = |bytes: &[u8]| HEXLOWER.encode(bytes);
        for (what, expected, found) in [
            ("number", number.to_string(), seal.number.to_string()),
            ("first_position", next.to_string(), seal.first_position.to_string()),
            ("previous_hash", hex(&self.previous), hex(&seal.previous_hash)),
            ("count", positions.to_string(), seal.count.to_string()),
            ("bytes of digests", digests.to_string(), seal.digests.len().to_string()),
            ("hash", hex(&hash), hex(&seal.hash)),
        ] {
            if expected != found {
                let shown = |value| format!("{what} {value}");
                self.links
                    .first(|| Fault::new("seals", seal.number, shown(expected), shown(found)));
            }
        }
        self.signed(seal, request);
        if let Some(kept) = request.kept.as_ref().filter(|kept| kept.number == seal.number) {
            self.met_kept = true;
            if kept.hash != hex(&seal.hash) {
                self.links.first(|| {
                    let expected = format!("hash {}, which was kept", kept.hash);
                    Fault::new("seals", seal.number, expected, format!("hash {}", hex(&seal.hash)))
                });
            }
        }
        self.number = seal.number;
        self.previous.clone_from(&seal.hash);
        self.report.seals += 1;
        self.report.last = Some(SealName { number: seal.number, hash: hex(&seal.hash) });
    }

    fn signed(&mut self, seal: &SealRow, request: &Request<'_>) {
        let (Some(signed_by), Some(bytes)) = (seal.signed_by.clone(), seal.signature.clone())
        else {
            self.report.unsigned += 1;
            if !self.report.signed_by.is_empty() {
                let expected = "a signature, as seals before it have";
                self.signatures.first(|| Fault::new("seals", seal.number, expected, "none"));
            }
            return;
        };
        *self.report.signed_by.entry(signed_by.clone()).or_default() += 1;
        let signature = Signature { signed_by, bytes };
        let found = match request.keys.check(&message(&seal.hash), &signature) {
            Checked::Valid => return,
            Checked::Wrong => "one that is not the key's",
            Checked::UnknownKey => "a key that is not known here",
        };
        self.signatures.first(|| {
            let expected = format!("a signature by {}", signature.signed_by);
            Fault::new("seals", seal.number, expected, found)
        });
    }

    /// Compares what a position names with what was sealed of it, perhaps by an earlier version.
    pub(super) fn compare(
        &mut self,
        block: &Block<'_>,
        position: i64,
        item: &Item,
        (digest, before): (&[u8; DIGEST_BYTES], Option<&[u8; DIGEST_BYTES]>),
    ) {
        self.compared += 1;
        let sealed = block.digest_at(position);
        if sealed == Some(&digest[..]) || before.is_some_and(|before| sealed == Some(&before[..])) {
            return;
        }
        self.rows.first(|| {
            let (table, key) = name(item);
            let shown = |digest: &[u8]| HEXLOWER.encode(&digest[..8.min(digest.len())]);
            let of = format!("of position {position} in seal {}", block.number);
            let expected = sealed.map_or("nothing".to_owned(), shown);
            Fault::new(
                table,
                key,
                format!("the digest {expected}… {of}"),
                format!("{}…", shown(digest)),
            )
        });
    }

    /// The end of the chain, and what is behind it.
    pub(super) fn unsealed(&mut self, positions: i64, request: &Request<'_>) {
        self.report.unsealed = u64::try_from(positions).unwrap_or_default();
        if let Some(kept) = request.kept.as_ref().filter(|_| !self.met_kept) {
            let number = kept.number;
            self.links.first(|| Fault::new("seals", number, "the seal that was kept", "no row"));
        }
    }
}
