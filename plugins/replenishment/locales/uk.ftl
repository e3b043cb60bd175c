replenishment-due =
    .subject = { $product }: час поповнити запас?
    .body =
        { $product }. Дата останньої покупки: { DATE($last) } Зазвичай між покупками минає { NUMBER($days) ->
            [one] { NUMBER($days) } день
            [few] { NUMBER($days) } дні
            [many] { NUMBER($days) } днів
           *[other] { NUMBER($days) } дня
        }. Запас може закінчитися приблизно { DATE($expected) }
