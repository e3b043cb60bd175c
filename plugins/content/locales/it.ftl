document =
    .subject = Per il suo lavoro: { $title }
    .body = È disponibile un documento per il suo lavoro: { $title }. Lo trova qui: { $url }

digest =
    .subject = { NUMBER($count) ->
        [one] { NUMBER($count) } documento per il suo lavoro
       *[other] { NUMBER($count) } documenti per il suo lavoro
    }
    .body =
        Questi documenti sono nuovi per lei:
        { $list }
