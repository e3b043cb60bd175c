document =
    .subject = 工作资料：{ $title }
    .body = 有一份适合您工作的资料：{ $title }。请在此查看：{ $url }

digest =
    .subject = { NUMBER($count) } 份工作资料
    .body =
        以下是为您准备的新资料：
        { $list }
