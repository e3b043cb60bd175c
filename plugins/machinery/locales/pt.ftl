service-due-technical =
    .subject = { $model }: { $consumable } a substituir em { DATE($due) }
    .body = A peça { $consumable } da máquina { $model } ({ $machine }) chega ao fim da sua vida útil em { DATE($due) }. Programe a substituição antes que lhe custe horas de funcionamento e tenha a peça à mão.

service-due-procurement =
    .subject = Pedido a fazer: { $consumable } para { $model }, até { DATE($due) }
    .body = A peça { $consumable } da máquina { $model } ({ $machine }) deve ser substituída até { DATE($due) }. Um pedido feito agora chega a tempo e ao preço de hoje.

service-due =
    .subject = { $model }: manutenção em { DATE($due) }
    .body = A peça { $consumable } da sua máquina { $model } ({ $machine }) deve ser substituída até { DATE($due) }.

service-follow-up =
    .subject = { $model }: { $consumable } ainda por substituir
    .body = Ainda não temos informação sobre a substituição da peça { $consumable } da máquina { $model } ({ $machine }), prevista para { DATE($due) }. Este é o nosso único lembrete adicional.

service-due-order =
    .subject = Pedido a fazer: { $consumable } para { $model }, até { DATE($due) }
    .body = A peça { $consumable } da máquina { $model } ({ $machine }) deve ser substituída até { DATE($due) }. Propomos este pedido: { $parts }. Feito agora, chega a tempo e ao preço de hoje.

inspection-due =
    .subject = { $model }: inspeção em { DATE($due) }
    .body = A inspeção da máquina { $model } ({ $machine }), uma vantagem do seu nível, está prevista para { DATE($due) }. Proponha-nos um dia que convenha à sua produção.

serviced-on-time = Manutenção feita a tempo: { $consumable }
