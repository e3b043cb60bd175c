# To whoever keeps the machine running.
service-due-technical =
    .subject = { $model }: { $consumable } due on { DATE($due) }
    .body = The { $consumable } of { $model } ({ $machine }) reaches its service life on { DATE($due) }. Please plan the exchange before it costs you running hours, and have the part at hand.

# To whoever orders.
service-due-procurement =
    .subject = Please order: { $consumable } for { $model }, due on { DATE($due) }
    .body = The { $consumable } of { $model } ({ $machine }) is to be replaced by { DATE($due) }. An order placed now arrives in time and at today’s price.

# To a member without contacts of these roles.
service-due =
    .subject = { $model }: service due on { DATE($due) }
    .body = The { $consumable } of your { $model } ({ $machine }) is to be replaced by { DATE($due) }.

# To whoever was reminded, once.
service-follow-up =
    .subject = { $model }: { $consumable } still to be replaced
    .body = We have no record yet that the { $consumable } of { $model } ({ $machine }) was replaced; it is due on { DATE($due) }. This is our only follow-up.

# To whoever orders, of what has a list of parts.
service-due-order =
    .subject = Please order: { $consumable } for { $model }, due on { DATE($due) }
    .body = The { $consumable } of { $model } ({ $machine }) is to be replaced by { DATE($due) }. We propose this order: { $parts }. Placed now, it arrives in time and at today’s price.

# Of a machine of a member whose tier brings inspections.
inspection-due =
    .subject = { $model }: inspection due on { DATE($due) }
    .body = The inspection of { $model } ({ $machine }), a benefit of your tier, is due on { DATE($due) }. Please propose a day that suits your production.

serviced-on-time = Serviced on time: { $consumable }
