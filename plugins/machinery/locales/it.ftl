service-due-technical =
    .subject = { $model }: { $consumable } in scadenza il { DATE($due) }
    .body = Il componente { $consumable } della macchina { $model } ({ $machine }) raggiunge la fine della vita utile il { DATE($due) }. La preghiamo di pianificare la sostituzione prima che le costi ore di lavoro e di tenere pronto il ricambio.

service-due-procurement =
    .subject = Da ordinare: { $consumable } per { $model }, scadenza { DATE($due) }
    .body = Il componente { $consumable } della macchina { $model } ({ $machine }) va sostituito entro il { DATE($due) }. Un ordine inviato ora arriva in tempo e al prezzo di oggi.

service-due =
    .subject = { $model }: manutenzione in scadenza il { DATE($due) }
    .body = Il componente { $consumable } della sua macchina { $model } ({ $machine }) va sostituito entro il { DATE($due) }.

service-follow-up =
    .subject = { $model }: { $consumable } ancora da sostituire
    .body = Non ci risulta ancora la sostituzione del componente { $consumable } della macchina { $model } ({ $machine }); la scadenza è il { DATE($due) }. Questo è il nostro unico sollecito.

service-due-order =
    .subject = Da ordinare: { $consumable } per { $model }, scadenza { DATE($due) }
    .body = Il componente { $consumable } della macchina { $model } ({ $machine }) va sostituito entro il { DATE($due) }. Le proponiamo questo ordine: { $parts }. Se inviato ora, arriva in tempo e al prezzo di oggi.

inspection-due =
    .subject = { $model }: ispezione in scadenza il { DATE($due) }
    .body = L’ispezione della macchina { $model } ({ $machine }), un vantaggio del suo livello, è in scadenza il { DATE($due) }. La preghiamo di proporre un giorno adatto alla sua produzione.

serviced-on-time = Manutenzione puntuale: { $consumable }
