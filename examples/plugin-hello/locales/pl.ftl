welcome =
    .subject = Witamy!
    .body = { NUMBER($points) ->
        [one] Czeka na Państwa jeden punkt.
        [few] Czekają na Państwa { NUMBER($points) } punkty.
        [many] Czeka na Państwa { NUMBER($points) } punktów.
       *[other] Czeka na Państwa { NUMBER($points) } punktu.
    }
