//! Whatever the bytes: what was found once, and what comes by chance. `fuzz/` goes on from here.

use crate::import::examine::{examine_amount, examine_date, examine_rows};
use proptest::prelude::*;
use std::path::Path;

#[test]
fn what_was_found_once_holds() {
    let targets: [(&str, fn(&[u8])); 3] =
        [("amounts", examine_amount), ("dates", examine_date), ("rows", examine_rows)];
    for (folder, examine) in targets {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus").join(folder);
        let mut files = 0;
        for entry in std::fs::read_dir(folder).unwrap() {
            examine(&std::fs::read(entry.unwrap().path()).unwrap());
            files += 1;
        }
        assert!(files > 2, "the corpus is there");
    }
}

/// Pieces of which amounts, dates and rows are made.
fn any_pieces() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "1",
            "0",
            "00",
            "12",
            "123",
            "2026",
            "-",
            "+",
            ".",
            ",",
            " ",
            "\u{a0}",
            "€",
            "kr",
            "\u{feff}",
            "\"",
            "\"\"",
            ";",
            "\t",
            "\n",
            "\r\n",
            "T",
            "Z",
            ":",
            "+02:00",
            "02-30",
            "2026-01-31",
            "9999-12-31T23:59:59Z",
            "9999-12-31",
            "-9999-01-01",
            "ada",
            "r-1",
            "1.50",
            "{",
            "}",
            "{\"member\":\"ada\",\"reference\":\"r\",\"date\":\"2026-01-01\",\"amount\":\"1\"}",
            "member,reference,date,amount",
            "error_code,error",
            "\u{0}",
            "9223372036854775807",
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
        prop::collection::vec(any::<u8>(), 0..6),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn amounts_are_their_digits(bytes in any_pieces()) {
        examine_amount(&bytes);
    }

    #[test]
    fn dates_are_instants_that_can_be_shown(bytes in any_pieces()) {
        examine_date(&bytes);
    }
}

proptest! {
    // Each is a file and an index.
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn rows_are_orders_or_refused(bytes in any_pieces()) {
        examine_rows(&bytes);
    }
}
