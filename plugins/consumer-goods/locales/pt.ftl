reactivation =
    .subject = Sentimos a sua falta: { NUMBER($percent) }% na sua próxima compra
    .body =
        A sua última compra foi em { DATE($last_purchase) }. Tem { NUMBER($percent) }% de desconto durante { NUMBER($days) ->
            [one] { NUMBER($days) } dia
           *[other] { NUMBER($days) } dias
        }, até { DATE($valid_until) }.
