document =
    .subject = Para o seu trabalho: { $title }
    .body = Há um documento para o seu trabalho: { $title }. Encontra-o aqui: { $url }

digest =
    .subject = { NUMBER($count) ->
        [one] { NUMBER($count) } documento para o seu trabalho
       *[other] { NUMBER($count) } documentos para o seu trabalho
    }
    .body =
        Estes documentos são novos para si:
        { $list }
