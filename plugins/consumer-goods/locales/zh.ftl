reactivation =
    .subject = 好久不见：回归专享 { NUMBER($percent) }% 折扣优惠
    .body = 您上次购物的日期是{ DATE($last_purchase) }。现在您可享受 { NUMBER($percent) }% 的折扣优惠，{ NUMBER($days) } 天内有效，截至{ DATE($valid_until) }。

reactivation-again =
    .subject = 为您准备的 { NUMBER($percent) }% 折扣，截至{ DATE($valid_until) }
    .body = 期待与您再次相见。{ DATE($valid_until) }之前您可享受 { NUMBER($percent) }% 的折扣优惠。

reactivation-last =
    .subject = 最后一次优惠：{ NUMBER($percent) }% 折扣，截至{ DATE($valid_until) }
    .body = 这是我们近期为您提供的最后一次优惠：{ NUMBER($percent) }% 的折扣，截至{ DATE($valid_until) }。此后我们不会再打扰您。

reactivation-reminder =
    .subject = 好久不见
    .body = 您上次购物的日期是{ DATE($last_purchase) }。期待与您再次相见。

welcome-back = 欢迎回来
