reactivation =
    .subject = Sentimos a sua falta: { NUMBER($percent) }% na sua próxima compra
    .body =
        A sua última compra foi em { DATE($last_purchase) }. Tem { NUMBER($percent) }% de desconto durante { NUMBER($days) ->
            [one] { NUMBER($days) } dia
           *[other] { NUMBER($days) } dias
        }, até { DATE($valid_until) }.

reactivation-again =
    .subject = { NUMBER($percent) }% para si, até { DATE($valid_until) }
    .body = Gostaríamos de voltar a contar com a sua visita. Tem { NUMBER($percent) }% de desconto até { DATE($valid_until) }.

reactivation-last =
    .subject = A nossa última oferta: { NUMBER($percent) }% até { DATE($valid_until) }
    .body = Esta é, por agora, a nossa última oferta: { NUMBER($percent) }% de desconto até { DATE($valid_until) }. Depois não voltaremos a incomodar.

reactivation-reminder =
    .subject = Sentimos a sua falta
    .body = A sua última compra foi em { DATE($last_purchase) }. Gostaríamos de voltar a contar com a sua visita.

welcome-back = Que bom ver você de novo
