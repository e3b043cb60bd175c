welcome =
    .subject = Boas-vindas!
    .body = { NUMBER($points) ->
        [one] Tem um ponto à sua espera.
       *[other] Tem { NUMBER($points) } pontos à sua espera.
    }
