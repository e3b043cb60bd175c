replenishment-due =
    .subject = { $product }: está na altura de repor?
    .body =
        { $product }: a sua última compra foi em { DATE($last) } e costuma repeti-la a cada { NUMBER($days) ->
            [one] { NUMBER($days) } dia
           *[other] { NUMBER($days) } dias
        }. Poderá acabar por volta de { DATE($expected) }.
