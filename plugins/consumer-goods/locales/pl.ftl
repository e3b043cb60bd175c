reactivation =
    .subject = Tęskniliśmy: { NUMBER($percent) }% rabatu na powrót
    .body =
        Ostatni zakup: { DATE($last_purchase) }. Rabat { NUMBER($percent) }% obowiązuje przez { NUMBER($days) ->
            [one] { NUMBER($days) } dzień
            [few] { NUMBER($days) } dni
            [many] { NUMBER($days) } dni
           *[other] { NUMBER($days) } dnia
        }, do { DATE($valid_until) }.

reactivation-again =
    .subject = { NUMBER($percent) }% rabatu, do { DATE($valid_until) }
    .body = Chętnie znów Państwa powitamy. Rabat { NUMBER($percent) }% obowiązuje do { DATE($valid_until) }.

reactivation-last =
    .subject = Nasza ostatnia oferta: { NUMBER($percent) }% rabatu do { DATE($valid_until) }
    .body = To na razie nasza ostatnia oferta: rabat { NUMBER($percent) }% do { DATE($valid_until) }. Potem nie będziemy już Państwa niepokoić.

reactivation-reminder =
    .subject = Tęskniliśmy
    .body = Ostatni zakup: { DATE($last_purchase) }. Chętnie znów Państwa powitamy.

welcome-back = Witamy ponownie
