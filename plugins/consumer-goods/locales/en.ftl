# The first offer to whoever has fallen silent.
reactivation =
    .subject = We have missed you: { NUMBER($percent) }% for your return
    .body =
        Your last purchase was on { DATE($last_purchase) }. You get { NUMBER($percent) }% off for { NUMBER($days) ->
            [one] { NUMBER($days) } day
           *[other] { NUMBER($days) } days
        }, until { DATE($valid_until) }.

# Of several offers those after the first.
reactivation-again =
    .subject = { NUMBER($percent) }% for you, until { DATE($valid_until) }
    .body = We would be glad to see you again. You get { NUMBER($percent) }% off until { DATE($valid_until) }.

# Of several offers the last.
reactivation-last =
    .subject = Our last offer: { NUMBER($percent) }% until { DATE($valid_until) }
    .body = This is our last offer to you for now: { NUMBER($percent) }% off until { DATE($valid_until) }. After that we will leave you in peace.

# A step without an offer.
reactivation-reminder =
    .subject = We have missed you
    .body = Your last purchase was on { DATE($last_purchase) }. We would be glad to see you again.

welcome-back = Welcome back
