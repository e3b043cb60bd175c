reactivation =
    .subject = Нам вас бракувало: знижка { NUMBER($percent) } % на наступну покупку
    .body =
        Дата вашої останньої покупки: { DATE($last_purchase) } Знижка { NUMBER($percent) } % діє { NUMBER($days) ->
            [one] { NUMBER($days) } день
            [few] { NUMBER($days) } дні
            [many] { NUMBER($days) } днів
           *[other] { NUMBER($days) } дня
        } – до { DATE($valid_until) } включно.

reactivation-again =
    .subject = Знижка { NUMBER($percent) } % для вас
    .body = Будемо раді бачити вас знову. Знижка { NUMBER($percent) } % діє до { DATE($valid_until) } включно.

reactivation-last =
    .subject = Наша остання пропозиція: знижка { NUMBER($percent) } %
    .body = Це поки що наша остання пропозиція: знижка { NUMBER($percent) } % до { DATE($valid_until) } включно. Після цього ми вас не турбуватимемо.

reactivation-reminder =
    .subject = Нам вас бракувало
    .body = Дата вашої останньої покупки: { DATE($last_purchase) } Будемо раді бачити вас знову.

welcome-back = З поверненням
