reactivation =
    .subject = اشتقنا إليكم: خصم { NUMBER($percent) }% بمناسبة عودتكم
    .body =
        كانت آخر عملية شراء لكم في { DATE($last_purchase) }. نقدم لكم خصمًا قدره { NUMBER($percent) }% لمدة { NUMBER($days) ->
            [zero] { NUMBER($days) } يوم
            [one] يوم واحد
            [two] يومين
            [few] { NUMBER($days) } أيام
            [many] { NUMBER($days) } يومًا
           *[other] { NUMBER($days) } يوم
        }، حتى { DATE($valid_until) }.
