document =
    .subject = Do Państwa pracy: { $title }
    .body = Mamy dokument przydatny w Państwa pracy: { $title }. Można go znaleźć tutaj: { $url }

digest =
    .subject = { NUMBER($count) ->
        [one] { NUMBER($count) } dokument do Państwa pracy
        [few] { NUMBER($count) } dokumenty do Państwa pracy
        [many] { NUMBER($count) } dokumentów do Państwa pracy
       *[other] { NUMBER($count) } dokumentu do Państwa pracy
    }
    .body =
        Te dokumenty są dla Państwa nowe:
        { $list }
