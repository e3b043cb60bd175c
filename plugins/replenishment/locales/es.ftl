replenishment-due =
    .subject = { $product }: ¿es hora de reponer?
    .body =
        { $product }: su última compra fue el { DATE($last) } y suele repetirla cada { NUMBER($days) ->
            [one] { NUMBER($days) } día
           *[other] { NUMBER($days) } días
        }. Es posible que se le termine hacia el { DATE($expected) }.
