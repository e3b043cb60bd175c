reactivation =
    .subject = È da un po’ che non ci vediamo: { NUMBER($percent) }% di sconto per il suo ritorno
    .body =
        Il suo ultimo acquisto risale al { DATE($last_purchase) }. Ha diritto a uno sconto del { NUMBER($percent) }% per { NUMBER($days) ->
            [one] { NUMBER($days) } giorno
           *[other] { NUMBER($days) } giorni
        }, fino al { DATE($valid_until) }.
