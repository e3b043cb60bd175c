reactivation =
    .subject = Нам вас бракувало: знижка { NUMBER($percent) } % на наступну покупку
    .body =
        Дата вашої останньої покупки: { DATE($last_purchase) } Знижка { NUMBER($percent) } % діє { NUMBER($days) ->
            [one] { NUMBER($days) } день
            [few] { NUMBER($days) } дні
            [many] { NUMBER($days) } днів
           *[other] { NUMBER($days) } дня
        } – до { DATE($valid_until) } включно.
