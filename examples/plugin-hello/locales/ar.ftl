welcome =
    .subject = مرحبًا بكم!
    .body = { NUMBER($points) ->
        [zero] ليست لديكم نقاط بعد.
        [one] نقطة واحدة في انتظاركم.
        [two] نقطتان في انتظاركم.
        [few] { NUMBER($points) } نقاط في انتظاركم.
        [many] { NUMBER($points) } نقطة في انتظاركم.
       *[other] { NUMBER($points) } نقطة في انتظاركم.
    }
