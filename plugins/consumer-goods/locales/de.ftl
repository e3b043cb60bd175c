reactivation =
    .subject = Wir haben Sie vermisst: { NUMBER($percent) } % zum Wiedersehen
    .body =
        Ihr letzter Einkauf war am { DATE($last_purchase) }. Ihr Rabatt von { NUMBER($percent) } % gilt noch { NUMBER($days) ->
            [one] { NUMBER($days) } Tag
           *[other] { NUMBER($days) } Tage
        }, bis zum { DATE($valid_until) }.
