reactivation =
    .subject = Vous nous avez manqué : { NUMBER($percent) } % pour votre retour
    .body =
        Votre dernier achat date du { DATE($last_purchase) }. Vous bénéficiez de { NUMBER($percent) } % de remise pendant { NUMBER($days) ->
            [one] { NUMBER($days) } jour
           *[other] { NUMBER($days) } jours
        }, jusqu’au { DATE($valid_until) }.
