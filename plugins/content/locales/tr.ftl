document =
    .subject = İşiniz için: { $title }
    .body = İşinizde kullanabileceğiniz bir belge var: { $title }. Buradan ulaşabilirsiniz: { $url }

digest =
    .subject = İşiniz için { NUMBER($count) } belge
    .body =
        Bu belgeler sizin için yeni:
        { $list }
