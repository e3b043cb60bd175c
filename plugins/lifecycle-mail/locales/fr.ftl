welcome =
    .subject = Bienvenue !
    .body = Nous sommes heureux de vous compter parmi nous. Dès aujourd’hui, vos achats rapportent des points, que vous retrouvez partout où vous vous connectez.

welcome-technical =
    .subject = Bienvenue : ce qui attend les équipes techniques
    .body = Votre entreprise est membre de notre programme. Vous recevrez les paramètres, les livres blancs et les dates d’entretien des machines dont vous avez la charge.

welcome-procurement =
    .subject = Bienvenue : ce qui attend les achats
    .body = Votre entreprise est membre de notre programme. Vous recevrez les plans d’approvisionnement, les propositions de commande et les conditions de votre niveau à temps pour votre planification.

purchase-reached =
    .subject = Merci pour votre achat
    .body =
        Merci ! C’était { NUMBER($number) ->
            [1] votre premier achat
           *[other] votre { NUMBER($number) }e achat
        } chez nous.

tier-reached =
    .subject = Vous avez atteint un nouveau niveau
    .body = Félicitations ! Dès aujourd’hui, vous bénéficiez des avantages de votre nouveau niveau. Connectez-vous pour les découvrir.

anniversary =
    .subject = Joyeux anniversaire
    .body =
        Vous êtes parmi nous depuis { NUMBER($years) ->
            [one] { NUMBER($years) } an
           *[other] { NUMBER($years) } ans
        }. Merci !

silent =
    .subject = Voilà un moment que nous ne nous sommes pas vus
    .body = Vos points et vos avantages sont toujours là. Si quelque chose n’a pas répondu à vos attentes, n’hésitez pas à nous écrire.

own =
    .subject = { $subject }
    .body = { $body }
