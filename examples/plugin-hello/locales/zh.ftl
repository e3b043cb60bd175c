welcome =
    .subject = 欢迎您！
    .body = 您有 { NUMBER($points) } 积分可用。
