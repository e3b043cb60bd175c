reactivation =
    .subject = Tęskniliśmy: { NUMBER($percent) }% rabatu na powrót
    .body =
        Ostatni zakup: { DATE($last_purchase) }. Rabat { NUMBER($percent) }% obowiązuje przez { NUMBER($days) ->
            [one] { NUMBER($days) } dzień
            [few] { NUMBER($days) } dni
            [many] { NUMBER($days) } dni
           *[other] { NUMBER($days) } dnia
        }, do { DATE($valid_until) }.
