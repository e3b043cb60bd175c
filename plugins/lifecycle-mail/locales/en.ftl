# To whoever became a member.
welcome =
    .subject = Welcome!
    .body = It is good to have you with us. What you buy earns points from today, and your points are waiting wherever you log in.

# To a contact who keeps machines running.
welcome-technical =
    .subject = Welcome: what is there for engineers
    .body = Your company is a member of our program. You get parameters, white papers and service dates for the machines that you keep running.

# To a contact who orders.
welcome-procurement =
    .subject = Welcome: what is there for procurement
    .body = Your company is a member of our program. You get supply plans, proposals for orders and the conditions of your tier in time for your own planning.

# After the n-th purchase.
purchase-reached =
    .subject = Thank you for your purchase
    .body =
        Thank you! This was { NUMBER($number, type: "ordinal") ->
            [1] your first purchase
            [one] your { NUMBER($number) }st purchase
            [two] your { NUMBER($number) }nd purchase
            [few] your { NUMBER($number) }rd purchase
           *[other] your { NUMBER($number) }th purchase
        } with us.

# To whoever is in a tier that the program file names.
tier-reached =
    .subject = You have reached a new tier
    .body = Congratulations! From today you have the benefits of your new tier. Log in to see what they are.

# So many years after joining.
anniversary =
    .subject = Happy anniversary
    .body =
        You have been with us for { NUMBER($years) ->
            [one] { NUMBER($years) } year
           *[other] { NUMBER($years) } years
        }. Thank you!

# To whoever has not bought for a while.
silent =
    .subject = We have not seen you for a while
    .body = Your points and your benefits are still here. If something was not as you expected, please write to us.

# In the words of the program file.
own =
    .subject = { $subject }
    .body = { $body }
