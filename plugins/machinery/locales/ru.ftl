service-due-technical =
    .subject = { $model }: { $consumable } – срок замены { DATE($due) }
    .body = Срок службы детали { $consumable } машины { $model } ({ $machine }) истекает { DATE($due) } Пожалуйста, запланируйте замену заранее, чтобы избежать простоя, и держите деталь наготове.

service-due-procurement =
    .subject = Просим заказать: { $consumable } для { $model }, срок { DATE($due) }
    .body = Деталь { $consumable } машины { $model } ({ $machine }) необходимо заменить до { DATE($due) } Заказ, оформленный сейчас, придёт вовремя и по сегодняшней цене.

service-due =
    .subject = { $model }: обслуживание, срок { DATE($due) }
    .body = Деталь { $consumable } вашей машины { $model } ({ $machine }) необходимо заменить до { DATE($due) }

service-follow-up =
    .subject = { $model }: { $consumable } – замена ещё не выполнена
    .body = У нас пока нет сведений о замене детали { $consumable } машины { $model } ({ $machine }); срок замены – { DATE($due) } Больше напоминать об этом мы не будем.

service-due-order =
    .subject = Просим заказать: { $consumable } для { $model }, срок { DATE($due) }
    .body = Деталь { $consumable } машины { $model } ({ $machine }) необходимо заменить до { DATE($due) } Предлагаем заказ: { $parts }. Оформленный сейчас, он придёт вовремя и по сегодняшней цене.

inspection-due =
    .subject = { $model }: осмотр, срок { DATE($due) }
    .body = Осмотр машины { $model } ({ $machine }), преимущество вашего уровня. Срок: { DATE($due) } Пожалуйста, предложите день, удобный для вашего производства.

serviced-on-time = Обслуживание в срок: { $consumable }
