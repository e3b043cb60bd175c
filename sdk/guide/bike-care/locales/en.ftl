# After a purchase with a service.
thanks =
    .subject = Thank you
    .body = Your bicycle is in good hands, and { NUMBER($points) ->
        [one] one point is
       *[other] { NUMBER($points) } points are
    } yours.

# To the member, or to whoever looks after the fleet.
service-due =
    .subject = { $model }: service due on { DATE($due) }
    .body = The service of your { $model } is due on { DATE($due, dateStyle: "full") }. Bring it in before, and it earns points.

service-follow-up =
    .subject = { $model }: still to be serviced
    .body = We have not seen your { $model } yet. This is our only follow-up.

# The reason of points.
service = Service
served-on-time = Serviced on time: { $model }
