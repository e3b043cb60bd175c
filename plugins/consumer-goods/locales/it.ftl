reactivation =
    .subject = È da un po’ che non ci vediamo: { NUMBER($percent) }% di sconto per il suo ritorno
    .body =
        Il suo ultimo acquisto risale al { DATE($last_purchase) }. Ha diritto a uno sconto del { NUMBER($percent) }% per { NUMBER($days) ->
            [one] { NUMBER($days) } giorno
           *[other] { NUMBER($days) } giorni
        }, fino al { DATE($valid_until) }.

reactivation-again =
    .subject = { NUMBER($percent) }% per lei, fino al { DATE($valid_until) }
    .body = Saremmo lieti di rivederla. Ha diritto a uno sconto del { NUMBER($percent) }% fino al { DATE($valid_until) }.

reactivation-last =
    .subject = La nostra ultima offerta: { NUMBER($percent) }% fino al { DATE($valid_until) }
    .body = Per ora questa è la nostra ultima offerta: uno sconto del { NUMBER($percent) }% fino al { DATE($valid_until) }. Dopo non la disturberemo più.

reactivation-reminder =
    .subject = È da un po’ che non ci vediamo
    .body = Il suo ultimo acquisto risale al { DATE($last_purchase) }. Saremmo lieti di rivederla.

welcome-back = Bentornati
