replenishment-due =
    .subject = { $product }: yenileme zamanı mı?
    .body = { $product }: son alışverişinizin tarihi { DATE($last) }; genellikle { NUMBER($days) } günde bir alıyorsunuz. Tahminen şu tarihte bitebilir: { DATE($expected) }.
