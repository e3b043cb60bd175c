service-due-technical =
    .subject = { $model } : { $consumable } à remplacer le { DATE($due) }
    .body = La pièce { $consumable } de la machine { $model } ({ $machine }) arrive en fin de vie le { DATE($due) }. Veuillez planifier son remplacement avant qu’elle ne vous coûte des heures de fonctionnement, et tenir la pièce à disposition.

service-due-procurement =
    .subject = À commander : { $consumable } pour { $model }, échéance le { DATE($due) }
    .body = La pièce { $consumable } de la machine { $model } ({ $machine }) doit être remplacée au plus tard le { DATE($due) }. Une commande passée dès maintenant arrivera à temps et au prix actuel.

service-due =
    .subject = { $model } : entretien prévu le { DATE($due) }
    .body = La pièce { $consumable } de votre machine { $model } ({ $machine }) doit être remplacée au plus tard le { DATE($due) }.

service-follow-up =
    .subject = { $model } : { $consumable } toujours à remplacer
    .body = Nous n’avons pas encore connaissance du remplacement de la pièce { $consumable } de la machine { $model } ({ $machine }) ; l’échéance est fixée au { DATE($due) }. Ceci est notre seule relance.

service-due-order =
    .subject = À commander : { $consumable } pour { $model }, échéance le { DATE($due) }
    .body = La pièce { $consumable } de la machine { $model } ({ $machine }) doit être remplacée au plus tard le { DATE($due) }. Nous vous proposons cette commande : { $parts }. Passée dès maintenant, elle arrivera à temps et au prix actuel.

inspection-due =
    .subject = { $model } : inspection prévue le { DATE($due) }
    .body = L’inspection de la machine { $model } ({ $machine }), un avantage de votre niveau, est prévue le { DATE($due) }. Veuillez nous proposer un jour qui convienne à votre production.

serviced-on-time = Entretien fait à temps : { $consumable }
