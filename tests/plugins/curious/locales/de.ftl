fleet = { NUMBER($boats) ->
    [one] Ein Boot
   *[other] { NUMBER($boats) } Boote
}
told =
    .subject = { $what }
    .body = { $detail }
