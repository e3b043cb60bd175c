document =
    .subject = Для вашої роботи: { $title }
    .body = Для вашої роботи є документ: { $title }. Він тут: { $url }

digest =
    .subject = { NUMBER($count) ->
        [one] { NUMBER($count) } документ для вашої роботи
        [few] { NUMBER($count) } документи для вашої роботи
        [many] { NUMBER($count) } документів для вашої роботи
       *[other] { NUMBER($count) } документа для вашої роботи
    }
    .body =
        Нові для вас документи:
        { $list }
