welcome =
    .subject = Hoş geldiniz!
    .body = { NUMBER($points) } puan sizi bekliyor.
