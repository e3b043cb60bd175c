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

reactivation-again =
    .subject = خصم { NUMBER($percent) }% لكم حتى { DATE($valid_until) }
    .body = يسعدنا أن نراكم من جديد. لكم خصم قدره { NUMBER($percent) }% حتى { DATE($valid_until) }.

reactivation-last =
    .subject = عرضنا الأخير: خصم { NUMBER($percent) }% حتى { DATE($valid_until) }
    .body = هذا عرضنا الأخير لكم في الوقت الحالي: خصم قدره { NUMBER($percent) }% حتى { DATE($valid_until) }. ولن نزعجكم بعد ذلك.

reactivation-reminder =
    .subject = اشتقنا إليكم
    .body = كانت آخر عملية شراء لكم في { DATE($last_purchase) }. يسعدنا أن نراكم من جديد.

welcome-back = أهلا بعودتكم
