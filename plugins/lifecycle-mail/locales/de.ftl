welcome =
    .subject = Willkommen!
    .body = Schön, dass Sie dabei sind. Ab heute bringen Ihre Einkäufe Punkte, und Ihr Punktestand wartet überall dort, wo Sie sich anmelden.

welcome-technical =
    .subject = Willkommen: was es für die Technik gibt
    .body = Ihr Unternehmen ist Mitglied unseres Programms. Sie erhalten Parameter, Fachartikel und Wartungstermine für die Anlagen, die Sie betreuen.

welcome-procurement =
    .subject = Willkommen: was es für den Einkauf gibt
    .body = Ihr Unternehmen ist Mitglied unseres Programms. Sie erhalten Lieferpläne, Bestellvorschläge und die Konditionen Ihrer Stufe rechtzeitig für Ihre Planung.

purchase-reached =
    .subject = Danke für Ihren Einkauf
    .body =
        Vielen Dank! Das war { NUMBER($number) ->
            [1] Ihr erster Einkauf
           *[other] Ihr { NUMBER($number) }. Einkauf
        } bei uns.

tier-reached =
    .subject = Sie haben eine neue Stufe erreicht
    .body = Herzlichen Glückwunsch! Ab heute gelten für Sie die Vorteile Ihrer neuen Stufe. Nach der Anmeldung sehen Sie, welche das sind.

anniversary =
    .subject = Alles Gute zum Jubiläum
    .body =
        Sie sind seit { NUMBER($years) ->
            [one] einem Jahr
           *[other] { NUMBER($years) } Jahren
        } bei uns. Vielen Dank!

silent =
    .subject = Wir haben Sie eine Weile nicht gesehen
    .body = Ihre Punkte und Ihre Vorteile sind noch da. Wenn etwas nicht so war, wie Sie es erwartet haben, schreiben Sie uns bitte.

own =
    .subject = { $subject }
    .body = { $body }
