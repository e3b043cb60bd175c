reactivation =
    .subject = 好久不见：回归专享 { NUMBER($percent) }% 折扣优惠
    .body = 您上次购物的日期是{ DATE($last_purchase) }。现在您可享受 { NUMBER($percent) }% 的折扣优惠，{ NUMBER($days) } 天内有效，截至{ DATE($valid_until) }。
