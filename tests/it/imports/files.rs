//! Files as other systems write them.

use super::{file, import, member};
use crate::support::programs::SHOP;
use crate::support::{Backend, TestApp, on_both_databases};
use serde_json::json;

on_both_databases!(
    a_file_of_another_country_is_read_corrected_and_read_again,
    a_spreadsheet_in_utf_16_needs_no_encoding,
);

/// Semicolons, decimal commas, currency signs, Windows-1251: an order of two rows, and one that is
/// wrong.
async fn a_file_of_another_country_is_read_corrected_and_read_again(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let rows = "Клиент;Заказ;Дата;Сумма;Товар\r\n\
        Аня;з-1;31.01.2026;1 234,50 €;чай\r\n\
        Аня;з-2;01.02.2026;10.50 €;чашка\r\n\
        Аня;з-1;31.01.2026;€ 0,50;чайник\r\n";
    let mapping = "delimiter = \";\"\nencoding = \"windows-1251\"\ndate_format = \"%d.%m.%Y\"\n\
        create_members = true\n\
        [columns]\nmember = \"Клиент\"\nreference = \"Заказ\"\ndate = \"Дата\"\namount = \"Сумма\"\n\
        sku = \"Товар\"\n\
        [amounts]\ndecimal = \",\"\nthousands = \" \"\nsigns = { \"€\" = \"EUR\" }";
    let mapping = file(&app, "mapping.toml", mapping);
    let path = file(&app, "заказы.csv", encoding_rs::WINDOWS_1251.encode(rows).0);
    let done = import(&app, "purchases", &path, Some(&mapping), 3);
    assert_eq!((done.of_rows(), done.of_wholes()), ((2, 0, 1), (1, 0, 1)));
    assert_eq!(done.members_created, 1);
    assert_eq!(member(&app, "Аня").await["balance"]["points"], json!(1235));

    let path = done.error_file.unwrap();
    assert!(path.ends_with("заказы.csv.errors.csv"), "{}", path.display());
    let refused = std::fs::read_to_string(&path).unwrap();
    let expected = "\u{feff}Клиент;Заказ;Дата;Сумма;Товар;\
        error_line;error_column;error_code;error_reason\n\
        Аня;з-2;01.02.2026;10.50 €;чашка;3;Сумма;INVALID_AMOUNT;\
        is not a decimal amount such as 1 234,56, zero or more\n";
    assert_eq!(refused, expected);
    // As a spreadsheet saves it, in the encoding of the place again.
    let corrected = refused.replace("10.50", "10,50").replace('\u{feff}', "");
    std::fs::write(&path, encoding_rs::WINDOWS_1251.encode(&corrected).0).unwrap();
    let done = import(&app, "purchases", &path, Some(&mapping), 0);
    assert_eq!((done.of_rows(), done.error_file), ((1, 0, 0), None));
    assert_eq!(member(&app, "Аня").await["balance"]["points"], json!(1245));
}

async fn a_spreadsheet_in_utf_16_needs_no_encoding(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let text = "\u{feff}external_id,name\nё-1,Łukasz\n";
    let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let path = file(&app, "members.csv", bytes);
    assert_eq!(import(&app, "members", &path, None, 0).of_rows(), (1, 0, 0));
    assert_eq!(member(&app, "ё-1").await["name"], json!("Łukasz"));
}
