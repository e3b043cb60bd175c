replenishment-due =
    .subject = { $product } : c’est le moment d’en racheter ?
    .body =
        { $product } : votre dernier achat date du { DATE($last) }, et vous en rachetez d’habitude tous les { NUMBER($days) ->
            [one] { NUMBER($days) } jour
           *[other] { NUMBER($days) } jours
        }. Vos réserves pourraient s’épuiser vers le { DATE($expected) }.
