document =
    .subject = Для вашей работы: { $title }
    .body = Для вашей работы есть документ: { $title }. Он находится здесь: { $url }

digest =
    .subject = { NUMBER($count) ->
        [one] { NUMBER($count) } документ для вашей работы
        [few] { NUMBER($count) } документа для вашей работы
        [many] { NUMBER($count) } документов для вашей работы
       *[other] { NUMBER($count) } документа для вашей работы
    }
    .body =
        Новые для вас документы:
        { $list }
