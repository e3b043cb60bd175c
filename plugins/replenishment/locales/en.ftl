replenishment-due =
    .subject = { $product }: time for more?
    .body =
        You last bought { $product } on { DATE($last) }, and usually do so every { NUMBER($days) ->
            [one] { NUMBER($days) } day
           *[other] { NUMBER($days) } days
        }. It may run out around { DATE($expected) }.
