replenishment-due =
    .subject = { $product }: czas uzupełnić zapas?
    .body =
        { $product }: ostatni zakup miał miejsce { DATE($last) }, a zwykle powtarza się co { NUMBER($days) ->
            [one] { NUMBER($days) } dzień
            [few] { NUMBER($days) } dni
            [many] { NUMBER($days) } dni
           *[other] { NUMBER($days) } dnia
        }. Zapas może się skończyć około { DATE($expected) }.
