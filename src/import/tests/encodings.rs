//! Files that are not UTF-8.

use super::*;
use encoding_rs::WINDOWS_1251;

const TEXT: &str = "member,reference,date,amount,sku\n\
    ада,р-1,2026-01-01,1,чай\n\
    ева,р-2,2026-01-02,wrong,чай\n\
    ян,р-3,2026-01-03,3,мёд\n";

fn utf16(text: &str, mark: bool, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    let mark = mark.then_some('\u{feff}').into_iter();
    let text: String = mark.chain(text.chars()).collect();
    text.encode_utf16().flat_map(bytes).collect()
}

#[test]
fn every_encoding_says_the_same() {
    let expected: Vec<_> = rows(&file(TEXT), "").into_iter().collect();
    let members: Vec<_> = expected.iter().flatten().map(|row| row.member.as_str()).collect();
    assert_eq!(members, ["ада", "ян"]);
    for (bytes, mapping) in [
        (WINDOWS_1251.encode(TEXT).0.into_owned(), "encoding = \"windows-1251\""),
        (utf16(TEXT, false, u16::to_le_bytes), "encoding = \"utf-16le\""),
        (utf16(TEXT, false, u16::to_be_bytes), "encoding = \"utf-16be\""),
        // A byte-order mark needs no mapping, and says more than one.
        (utf16(TEXT, true, u16::to_le_bytes), ""),
        (utf16(TEXT, true, u16::to_be_bytes), "encoding = \"latin1\""),
        (format!("\u{feff}{TEXT}").into_bytes(), "encoding = \"windows-1251\""),
    ] {
        let found = rows(&file(bytes), mapping);
        let shown = |rows: &[Outcome<Row>]| -> Vec<String> {
            let row = |row: &Row| format!("{} {} {:?}", row.place.line, row.member, row.items);
            let wrong = |error: &RowError| format!("{} {}", error.place.line, error.reason);
            rows.iter().map(|outcome| outcome.as_ref().map_or_else(wrong, row)).collect()
        };
        assert_eq!(shown(&found), shown(&expected), "{mapping}");
    }
}

#[test]
fn latin_1_has_its_accents_and_its_euro_sign() {
    let text = b"member,reference,date,amount\nZo\xeb,r,2026-01-01,5 \x80\n";
    let mapping = "encoding = \"latin1\"\n[amounts.signs]\n\"€\" = \"EUR\"";
    assert_eq!(rows(&file(text), mapping).pop().unwrap().unwrap().member, "Zoë");
}

#[test]
fn characters_that_cannot_be_read_are_refused_and_not_replaced() {
    let mut text = utf16("member,reference,date,amount\na", false, u16::to_le_bytes);
    // Half of a surrogate pair.
    text.extend([0x00, 0xd8]);
    text.extend(utf16(",r,2026-01-01,1\n", false, u16::to_le_bytes));
    let error = rows(&file(text), "encoding = \"utf-16le\"").pop().unwrap().unwrap_err();
    assert_eq!((error.place.line, error.column.as_str()), (2, "member"));
    assert!(error.reason.contains("check `encoding`"), "{}", error.reason);
}
