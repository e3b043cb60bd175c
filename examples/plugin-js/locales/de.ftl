welcome =
    .subject = Willkommen!
    .body = { NUMBER($points) ->
        [one] Ein Punkt wartet auf Sie.
       *[other] { NUMBER($points) } Punkte warten auf Sie.
    }
