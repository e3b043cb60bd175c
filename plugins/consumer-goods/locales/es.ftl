reactivation =
    .subject = Le echamos de menos: { NUMBER($percent) } % por volver
    .body =
        Su última compra fue el { DATE($last_purchase) }. Tiene un { NUMBER($percent) } % de descuento durante { NUMBER($days) ->
            [one] { NUMBER($days) } día
           *[other] { NUMBER($days) } días
        }, hasta el { DATE($valid_until) }.

reactivation-again =
    .subject = { NUMBER($percent) } % para usted, hasta el { DATE($valid_until) }
    .body = Nos alegraría volver a verle. Tiene un { NUMBER($percent) } % de descuento hasta el { DATE($valid_until) }.

reactivation-last =
    .subject = Nuestra última oferta: { NUMBER($percent) } % hasta el { DATE($valid_until) }
    .body = Esta es por ahora nuestra última oferta: un { NUMBER($percent) } % de descuento hasta el { DATE($valid_until) }. Después no le molestaremos más.

reactivation-reminder =
    .subject = Le hemos echado de menos
    .body = Su última compra fue el { DATE($last_purchase) }. Nos alegraría volver a verle.

welcome-back = Qué bien volver a verle
