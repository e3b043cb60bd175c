service-due-technical =
    .subject = { $model }: { $consumable } fällig am { DATE($due) }
    .body = Teil { $consumable } der Anlage { $model } ({ $machine }) erreicht am { DATE($due) } das Ende seiner Standzeit. Bitte planen Sie den Wechsel, bevor er Betriebsstunden kostet, und halten Sie das Teil bereit.

service-due-procurement =
    .subject = Bitte bestellen: { $consumable } für { $model }, fällig am { DATE($due) }
    .body = Teil { $consumable } der Anlage { $model } ({ $machine }) ist bis zum { DATE($due) } zu ersetzen. Eine Bestellung jetzt kommt rechtzeitig und zum heutigen Preis.

service-due =
    .subject = { $model }: Wartung fällig am { DATE($due) }
    .body = Teil { $consumable } Ihrer Anlage { $model } ({ $machine }) ist bis zum { DATE($due) } zu ersetzen.

service-follow-up =
    .subject = { $model }: { $consumable } noch zu ersetzen
    .body = Uns liegt noch nicht vor, dass Teil { $consumable } der Anlage { $model } ({ $machine }) ersetzt wurde; fällig ist es am { DATE($due) }. Wir erinnern nicht noch einmal.

service-due-order =
    .subject = Bitte bestellen: { $consumable } für { $model }, fällig am { DATE($due) }
    .body = Teil { $consumable } der Anlage { $model } ({ $machine }) ist bis zum { DATE($due) } zu ersetzen. Wir schlagen diese Bestellung vor: { $parts }. Jetzt aufgegeben, kommt sie rechtzeitig und zum heutigen Preis.

inspection-due =
    .subject = { $model }: Inspektion fällig am { DATE($due) }
    .body = Die Inspektion der Anlage { $model } ({ $machine }), ein Vorteil Ihrer Stufe, ist am { DATE($due) } fällig. Bitte schlagen Sie einen Tag vor, der zu Ihrer Produktion passt.

serviced-on-time = Pünktlich gewartet: { $consumable }
