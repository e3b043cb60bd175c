reactivation =
    .subject = We have missed you: { NUMBER($percent) }% for your return
    .body =
        Your last purchase was on { DATE($last_purchase) }. You get { NUMBER($percent) }% off for { NUMBER($days) ->
            [one] { NUMBER($days) } day
           *[other] { NUMBER($days) } days
        }, until { DATE($valid_until) }.
