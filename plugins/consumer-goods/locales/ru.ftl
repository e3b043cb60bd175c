reactivation =
    .subject = Нам вас не хватало: скидка { NUMBER($percent) } % на следующую покупку
    .body =
        Дата вашей последней покупки: { DATE($last_purchase) } Скидка { NUMBER($percent) } % действует { NUMBER($days) ->
            [one] { NUMBER($days) } день
            [few] { NUMBER($days) } дня
            [many] { NUMBER($days) } дней
           *[other] { NUMBER($days) } дня
        } – до { DATE($valid_until) } включительно.
