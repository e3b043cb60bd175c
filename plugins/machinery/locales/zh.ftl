service-due-technical =
    .subject = { $model }：{ $consumable } 应于{ DATE($due) }更换
    .body = { $model }（{ $machine }）的 { $consumable } 将于{ DATE($due) }达到使用寿命。请提前安排更换，以免影响设备运行，并备好零件。

service-due-procurement =
    .subject = 请订购：{ $model } 的 { $consumable }，更换期限为{ DATE($due) }
    .body = { $model }（{ $machine }）的 { $consumable } 应在{ DATE($due) }之前更换。现在下单可及时到货，并享受当前价格。

service-due =
    .subject = { $model }：保养日期为{ DATE($due) }
    .body = 您的 { $model }（{ $machine }）的 { $consumable } 应在{ DATE($due) }之前更换。

service-follow-up =
    .subject = { $model }：{ $consumable } 尚未更换
    .body = 我们尚未收到 { $model }（{ $machine }）的 { $consumable } 已更换的记录；更换日期为{ DATE($due) }。我们不会再次提醒。

service-due-order =
    .subject = 请订购：{ $model } 的 { $consumable }，更换期限为{ DATE($due) }
    .body = { $model }（{ $machine }）的 { $consumable } 应在{ DATE($due) }之前更换。我们建议的订单：{ $parts }。现在下单可及时到货，并享受当前价格。

inspection-due =
    .subject = { $model }：检查日期为{ DATE($due) }
    .body = { $model }（{ $machine }）的检查是贵公司等级的权益，日期为{ DATE($due) }。请告知适合贵公司生产安排的日期。

serviced-on-time = 按时保养：{ $consumable }
