service-due-technical =
    .subject = { $model }: { $consumable } – termin { DATE($due) }
    .body = Element { $consumable } maszyny { $model } ({ $machine }) osiąga kres żywotności { DATE($due) }. Prosimy zaplanować wymianę, zanim będzie kosztować godziny pracy, i przygotować część.

service-due-procurement =
    .subject = Do zamówienia: { $consumable } do { $model }, termin { DATE($due) }
    .body = Element { $consumable } maszyny { $model } ({ $machine }) należy wymienić do { DATE($due) }. Zamówienie złożone teraz dotrze na czas i w dzisiejszej cenie.

service-due =
    .subject = { $model }: przegląd – termin { DATE($due) }
    .body = Element { $consumable } Państwa maszyny { $model } ({ $machine }) należy wymienić do { DATE($due) }.

service-follow-up =
    .subject = { $model }: { $consumable } nadal do wymiany
    .body = Nie mamy jeszcze informacji o wymianie elementu { $consumable } maszyny { $model } ({ $machine }); termin to { DATE($due) }. To nasze jedyne ponowne przypomnienie.

service-due-order =
    .subject = Do zamówienia: { $consumable } do { $model }, termin { DATE($due) }
    .body = Element { $consumable } maszyny { $model } ({ $machine }) należy wymienić do { DATE($due) }. Proponujemy zamówienie: { $parts }. Złożone teraz dotrze na czas i w dzisiejszej cenie.

inspection-due =
    .subject = { $model }: inspekcja – termin { DATE($due) }
    .body = Inspekcja maszyny { $model } ({ $machine }), przywilej Państwa poziomu, przypada { DATE($due) }. Prosimy zaproponować dzień dogodny dla produkcji.

serviced-on-time = Serwis w terminie: { $consumable }
