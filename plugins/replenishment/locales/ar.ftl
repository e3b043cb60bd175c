replenishment-due =
    .subject = { $product }: هل حان وقت التجديد؟
    .body =
        { $product }: كانت آخر عملية شراء لكم في { DATE($last) }، وعادةً ما تكررونها كل { NUMBER($days) ->
            [zero] { NUMBER($days) } يوم
            [one] يوم واحد
            [two] يومين
            [few] { NUMBER($days) } أيام
            [many] { NUMBER($days) } يومًا
           *[other] { NUMBER($days) } يوم
        }. قد تنفد الكمية نحو { DATE($expected) }.
