service-due-technical =
    .subject = { $model }: موعد استبدال { $consumable } هو { DATE($due) }
    .body = ينتهي العمر التشغيلي للقطعة { $consumable } في الآلة { $model } ({ $machine }) في { DATE($due) }. يرجى التخطيط لاستبدالها مسبقًا تفاديًا لتوقف العمل، وتجهيز القطعة البديلة.

service-due-procurement =
    .subject = يرجى الطلب: { $consumable } للآلة { $model }، الموعد { DATE($due) }
    .body = يجب استبدال القطعة { $consumable } في الآلة { $model } ({ $machine }) في موعد أقصاه { DATE($due) }. الطلب الآن يصل في الوقت المناسب وبسعر اليوم.

service-due =
    .subject = { $model }: موعد الصيانة { DATE($due) }
    .body = يجب استبدال القطعة { $consumable } في آلتكم { $model } ({ $machine }) في موعد أقصاه { DATE($due) }.

service-follow-up =
    .subject = { $model }: لم يُسجَّل استبدال { $consumable } بعد
    .body = لم يصلنا بعد ما يفيد باستبدال القطعة { $consumable } في الآلة { $model } ({ $machine })؛ والموعد المحدد هو { DATE($due) }. لن نرسل تذكيرًا آخر بهذا الشأن.

service-due-order =
    .subject = يرجى الطلب: { $consumable } للآلة { $model }، الموعد { DATE($due) }
    .body = يجب استبدال القطعة { $consumable } في الآلة { $model } ({ $machine }) في موعد أقصاه { DATE($due) }. نقترح هذا الطلب: { $parts }. إذا أُرسل الآن فسيصل في الوقت المناسب وبسعر اليوم.

inspection-due =
    .subject = { $model }: موعد الفحص { DATE($due) }
    .body = موعد فحص الآلة { $model } ({ $machine })، وهو من مزايا مستواكم، هو { DATE($due) }. يرجى اقتراح يوم يناسب إنتاجكم.

serviced-on-time = صيانة في موعدها: { $consumable }
