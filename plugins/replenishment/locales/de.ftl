replenishment-due =
    .subject = { $product }: Zeit für Nachschub?
    .body =
        { $product }: Zuletzt haben Sie am { DATE($last) } eingekauft, gewöhnlich alle { NUMBER($days) ->
            [one] { NUMBER($days) } Tag
           *[other] { NUMBER($days) } Tage
        }. Um den { DATE($expected) } könnte Ihr Vorrat zu Ende gehen.
