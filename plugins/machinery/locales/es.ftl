service-due-technical =
    .subject = { $model }: { $consumable } vence el { DATE($due) }
    .body = El consumible { $consumable } de { $model } ({ $machine }) llega al final de su vida útil el { DATE($due) }. Planifique el cambio antes de que le cueste horas de servicio y tenga la pieza a mano.

service-due-procurement =
    .subject = Pedido pendiente: { $consumable } para { $model }, vence el { DATE($due) }
    .body = El consumible { $consumable } de { $model } ({ $machine }) debe reemplazarse a más tardar el { DATE($due) }. Un pedido ahora llega a tiempo y al precio de hoy.

service-due =
    .subject = { $model }: mantenimiento el { DATE($due) }
    .body = El consumible { $consumable } de su { $model } ({ $machine }) debe reemplazarse a más tardar el { DATE($due) }.

service-follow-up =
    .subject = { $model }: { $consumable } aún por reemplazar
    .body = Todavía no nos consta el cambio de { $consumable } de { $model } ({ $machine }), que vence el { DATE($due) }. Este es nuestro único recordatorio adicional.

service-due-order =
    .subject = Pedido pendiente: { $consumable } para { $model }, vence el { DATE($due) }
    .body = El consumible { $consumable } de { $model } ({ $machine }) debe reemplazarse a más tardar el { DATE($due) }. Le proponemos este pedido: { $parts }. Si lo hace ahora, llega a tiempo y al precio de hoy.

inspection-due =
    .subject = { $model }: inspección el { DATE($due) }
    .body = La inspección de { $model } ({ $machine }), una ventaja de su nivel, vence el { DATE($due) }. Propónganos un día que convenga a su producción.

serviced-on-time = Mantenimiento a tiempo: { $consumable }
