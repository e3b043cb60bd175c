welcome =
    .subject = Bienvenue !
    .body = { NUMBER($points) ->
        [one] { NUMBER($points) } point vous attend.
       *[other] { NUMBER($points) } points vous attendent.
    }
