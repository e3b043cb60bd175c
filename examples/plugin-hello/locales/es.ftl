welcome =
    .subject = ¡Le damos la bienvenida!
    .body = { NUMBER($points) ->
        [one] Le espera un punto.
       *[other] Le esperan { NUMBER($points) } puntos.
    }
