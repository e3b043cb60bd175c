service-due-technical =
    .subject = { $model }: { $consumable } – термін заміни { DATE($due) }
    .body = Термін служби деталі { $consumable } машини { $model } ({ $machine }) спливає { DATE($due) } Будь ласка, заплануйте заміну заздалегідь, щоб уникнути простою, і тримайте деталь напоготові.

service-due-procurement =
    .subject = Просимо замовити: { $consumable } для { $model }, термін { DATE($due) }
    .body = Деталь { $consumable } машини { $model } ({ $machine }) необхідно замінити до { DATE($due) } Замовлення, оформлене зараз, надійде вчасно та за сьогоднішньою ціною.

service-due =
    .subject = { $model }: обслуговування, термін { DATE($due) }
    .body = Деталь { $consumable } вашої машини { $model } ({ $machine }) необхідно замінити до { DATE($due) }

service-follow-up =
    .subject = { $model }: { $consumable } – заміну ще не виконано
    .body = Ми поки не маємо відомостей про заміну деталі { $consumable } машини { $model } ({ $machine }); термін заміни – { DATE($due) } Більше нагадувати про це ми не будемо.

service-due-order =
    .subject = Просимо замовити: { $consumable } для { $model }, термін { DATE($due) }
    .body = Деталь { $consumable } машини { $model } ({ $machine }) необхідно замінити до { DATE($due) } Пропонуємо замовлення: { $parts }. Оформлене зараз, воно надійде вчасно та за сьогоднішньою ціною.

inspection-due =
    .subject = { $model }: огляд, термін { DATE($due) }
    .body = Огляд машини { $model } ({ $machine }), перевага вашого рівня. Термін: { DATE($due) } Будь ласка, запропонуйте день, зручний для вашого виробництва.

serviced-on-time = Вчасне обслуговування: { $consumable }
