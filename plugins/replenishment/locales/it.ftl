replenishment-due =
    .subject = { $product }: è ora di rifornirsi?
    .body =
        { $product }: il suo ultimo acquisto risale al { DATE($last) } e di solito lo ripete ogni { NUMBER($days) ->
            [one] { NUMBER($days) } giorno
           *[other] { NUMBER($days) } giorni
        }. La scorta potrebbe finire intorno al { DATE($expected) }.
