fleet = { NUMBER($boats) ->
    [one] One boat
   *[other] { NUMBER($boats) } boats
}
told =
    .subject = { $what }
    .body = { $detail }
