thanks =
    .subject = Vielen Dank
    .body = Ihr Fahrrad ist in guten Händen, und { NUMBER($points) ->
        [one] ein Punkt gehört
       *[other] { NUMBER($points) } Punkte gehören
    } Ihnen.

service-due =
    .subject = { $model }: Wartung am { DATE($due) } fällig
    .body = Die Wartung von { $model } ist am { DATE($due, dateStyle: "full") } fällig. Wer vorher kommt, bekommt Punkte.

service-follow-up =
    .subject = { $model }: Wartung steht noch aus
    .body = Wir haben { $model } noch nicht gesehen. Daran erinnern wir nur dieses eine Mal.

service = Wartung
served-on-time = Rechtzeitig gewartet: { $model }
