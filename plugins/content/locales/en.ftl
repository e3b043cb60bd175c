document =
    .subject = For your work: { $title }
    .body = There is a document for your work: { $title }. You find it here: { $url }

digest =
    .subject = { NUMBER($count) ->
        [one] { NUMBER($count) } document for your work
       *[other] { NUMBER($count) } documents for your work
    }
    .body =
        These documents are new for you:
        { $list }
