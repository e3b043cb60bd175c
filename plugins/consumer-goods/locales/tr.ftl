reactivation =
    .subject = Sizi özledik: yeniden alışverişinize %{ NUMBER($percent) } indirim
    .body = Son alışverişinizin tarihi: { DATE($last_purchase) }. %{ NUMBER($percent) } indiriminiz { NUMBER($days) } gün geçerlidir (son gün: { DATE($valid_until) }).
