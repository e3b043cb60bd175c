# What the plugin says, in Fluent (https://projectfluent.org): a message for each template.
welcome =
    .subject = Welcome!
    .body = { NUMBER($points) ->
        [one] One point is waiting for you.
       *[other] { NUMBER($points) } points are waiting for you.
    }
