welcome =
    .subject = Добро пожаловать!
    .body = { NUMBER($points) ->
        [one] Вас ждёт { NUMBER($points) } балл.
        [few] Вас ждут { NUMBER($points) } балла.
        [many] Вас ждут { NUMBER($points) } баллов.
       *[other] Вас ждут { NUMBER($points) } балла.
    }
