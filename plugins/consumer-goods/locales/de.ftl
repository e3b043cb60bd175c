reactivation =
    .subject = Wir haben Sie vermisst: { NUMBER($percent) } % zum Wiedersehen
    .body =
        Ihr letzter Einkauf war am { DATE($last_purchase) }. Ihr Rabatt von { NUMBER($percent) } % gilt noch { NUMBER($days) ->
            [one] { NUMBER($days) } Tag
           *[other] { NUMBER($days) } Tage
        }, bis zum { DATE($valid_until) }.

reactivation-again =
    .subject = { NUMBER($percent) } % für Sie, bis zum { DATE($valid_until) }
    .body = Wir würden uns freuen, Sie wiederzusehen. Bis zum { DATE($valid_until) } erhalten Sie { NUMBER($percent) } % Rabatt.

reactivation-last =
    .subject = Unser letztes Angebot: { NUMBER($percent) } % bis zum { DATE($valid_until) }
    .body = Das ist vorerst unser letztes Angebot an Sie: { NUMBER($percent) } % Rabatt bis zum { DATE($valid_until) }. Danach lassen wir Sie in Ruhe.

reactivation-reminder =
    .subject = Wir haben Sie vermisst
    .body = Ihr letzter Einkauf war am { DATE($last_purchase) }. Wir würden uns freuen, Sie wiederzusehen.

welcome-back = Willkommen zurück
