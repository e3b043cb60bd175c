reactivation =
    .subject = Le echamos de menos: { NUMBER($percent) } % por volver
    .body =
        Su última compra fue el { DATE($last_purchase) }. Tiene un { NUMBER($percent) } % de descuento durante { NUMBER($days) ->
            [one] { NUMBER($days) } día
           *[other] { NUMBER($days) } días
        }, hasta el { DATE($valid_until) }.
