replenishment-due =
    .subject = { $product }: пора пополнить запас?
    .body =
        { $product }. Дата последней покупки: { DATE($last) } Обычно между покупками проходит { NUMBER($days) ->
            [one] { NUMBER($days) } день
            [few] { NUMBER($days) } дня
            [many] { NUMBER($days) } дней
           *[other] { NUMBER($days) } дня
        }. Запас может закончиться примерно { DATE($expected) }
