document =
    .subject = Para su trabajo: { $title }
    .body = Hay un documento para su trabajo: { $title }. Lo encontrará aquí: { $url }

digest =
    .subject = { NUMBER($count) ->
        [one] { NUMBER($count) } documento para su trabajo
       *[other] { NUMBER($count) } documentos para su trabajo
    }
    .body =
        Estos documentos son nuevos para usted:
        { $list }
