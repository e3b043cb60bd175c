welcome =
    .subject = Le diamo il benvenuto!
    .body = Siamo lieti di averla con noi. Da oggi i suoi acquisti fanno guadagnare punti, che ritrova ovunque acceda.

welcome-technical =
    .subject = Le diamo il benvenuto: contenuti per i tecnici
    .body = La sua azienda è membro del nostro programma. Riceverà parametri, documenti tecnici e date di manutenzione delle macchine che segue.

welcome-procurement =
    .subject = Le diamo il benvenuto: contenuti per gli acquisti
    .body = La sua azienda è membro del nostro programma. Riceverà piani di fornitura, proposte d’ordine e le condizioni del suo livello in tempo per la sua pianificazione.

purchase-reached =
    .subject = Grazie per il suo acquisto
    .body =
        Grazie! Questo è stato { NUMBER($number) ->
            [1] il suo primo acquisto
           *[other] il suo acquisto numero { NUMBER($number) }
        } da noi.

tier-reached =
    .subject = Ha raggiunto un nuovo livello
    .body = Congratulazioni! Da oggi valgono per lei i vantaggi del nuovo livello. Acceda per scoprire quali sono.

anniversary =
    .subject = Buon anniversario
    .body =
        È con noi da { NUMBER($years) ->
            [one] { NUMBER($years) } anno
           *[other] { NUMBER($years) } anni
        }. Grazie!

silent =
    .subject = Non la vediamo da un po’
    .body = I suoi punti e i suoi vantaggi sono ancora qui. Se qualcosa non è andato come si aspettava, ci scriva.

own =
    .subject = { $subject }
    .body = { $body }
