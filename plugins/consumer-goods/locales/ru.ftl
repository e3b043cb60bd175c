reactivation =
    .subject = Нам вас не хватало: скидка { NUMBER($percent) } % на следующую покупку
    .body =
        Дата вашей последней покупки: { DATE($last_purchase) } Скидка { NUMBER($percent) } % действует { NUMBER($days) ->
            [one] { NUMBER($days) } день
            [few] { NUMBER($days) } дня
            [many] { NUMBER($days) } дней
           *[other] { NUMBER($days) } дня
        } – до { DATE($valid_until) } включительно.

reactivation-again =
    .subject = Скидка { NUMBER($percent) } % для вас
    .body = Будем рады видеть вас снова. Скидка { NUMBER($percent) } % действует до { DATE($valid_until) } включительно.

reactivation-last =
    .subject = Наше последнее предложение: скидка { NUMBER($percent) } %
    .body = Это пока наше последнее предложение: скидка { NUMBER($percent) } % до { DATE($valid_until) } включительно. После этого мы не будем вас беспокоить.

reactivation-reminder =
    .subject = Нам вас не хватало
    .body = Дата вашей последней покупки: { DATE($last_purchase) } Будем рады видеть вас снова.

welcome-back = С возвращением
