document =
    .subject = Pour votre travail : { $title }
    .body = Un document utile à votre travail est disponible : { $title }. Vous le trouverez ici : { $url }

digest =
    .subject = { NUMBER($count) ->
        [one] { NUMBER($count) } document pour votre travail
       *[other] { NUMBER($count) } documents pour votre travail
    }
    .body =
        Ces documents sont nouveaux pour vous :
        { $list }
