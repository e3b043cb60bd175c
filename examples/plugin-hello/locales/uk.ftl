welcome =
    .subject = Ласкаво просимо!
    .body = { NUMBER($points) ->
        [one] На вас чекає { NUMBER($points) } бал.
        [few] На вас чекають { NUMBER($points) } бали.
        [many] На вас чекають { NUMBER($points) } балів.
       *[other] На вас чекають { NUMBER($points) } бала.
    }
