reactivation =
    .subject = Vous nous avez manqué : { NUMBER($percent) } % pour votre retour
    .body =
        Votre dernier achat date du { DATE($last_purchase) }. Vous bénéficiez de { NUMBER($percent) } % de remise pendant { NUMBER($days) ->
            [one] { NUMBER($days) } jour
           *[other] { NUMBER($days) } jours
        }, jusqu’au { DATE($valid_until) }.

reactivation-again =
    .subject = { NUMBER($percent) } % pour vous, jusqu’au { DATE($valid_until) }
    .body = Nous serions heureux de vous revoir. Vous bénéficiez de { NUMBER($percent) } % de remise jusqu’au { DATE($valid_until) }.

reactivation-last =
    .subject = Notre dernière offre : { NUMBER($percent) } % jusqu’au { DATE($valid_until) }
    .body = Voici notre dernière offre pour le moment : { NUMBER($percent) } % de remise jusqu’au { DATE($valid_until) }. Ensuite, nous ne vous solliciterons plus.

reactivation-reminder =
    .subject = Vous nous avez manqué
    .body = Votre dernier achat date du { DATE($last_purchase) }. Nous serions heureux de vous revoir.

welcome-back = Content de vous revoir
