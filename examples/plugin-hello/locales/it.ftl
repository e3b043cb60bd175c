welcome =
    .subject = Le diamo il benvenuto!
    .body = { NUMBER($points) ->
        [one] Un punto la aspetta.
       *[other] { NUMBER($points) } punti la aspettano.
    }
