document =
    .subject = Für Ihre Arbeit: { $title }
    .body = Es gibt eine Unterlage für Ihre Arbeit: { $title }. Sie finden sie hier: { $url }

digest =
    .subject = { NUMBER($count) ->
        [one] { NUMBER($count) } Unterlage für Ihre Arbeit
       *[other] { NUMBER($count) } Unterlagen für Ihre Arbeit
    }
    .body =
        Diese Unterlagen sind neu für Sie:
        { $list }
