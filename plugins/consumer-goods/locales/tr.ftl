reactivation =
    .subject = Sizi özledik: yeniden alışverişinize %{ NUMBER($percent) } indirim
    .body = Son alışverişinizin tarihi: { DATE($last_purchase) }. %{ NUMBER($percent) } indiriminiz { NUMBER($days) } gün geçerlidir (son gün: { DATE($valid_until) }).

reactivation-again =
    .subject = Size %{ NUMBER($percent) } indirim, son gün { DATE($valid_until) }
    .body = Sizi yeniden görmekten mutluluk duyarız. %{ NUMBER($percent) } indiriminiz için son gün: { DATE($valid_until) }.

reactivation-last =
    .subject = Son teklifimiz: %{ NUMBER($percent) } indirim, son gün { DATE($valid_until) }
    .body = Bu, şimdilik size son teklifimiz: %{ NUMBER($percent) } indirim, son gün { DATE($valid_until) }. Sonrasında sizi rahatsız etmeyeceğiz.

reactivation-reminder =
    .subject = Sizi özledik
    .body = Son alışverişinizin tarihi: { DATE($last_purchase) }. Sizi yeniden görmekten mutluluk duyarız.

welcome-back = Yeniden hoş geldiniz
