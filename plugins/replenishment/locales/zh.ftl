replenishment-due =
    .subject = { $product }：该补货了吗？
    .body = { $product }：您上次购买的日期是{ DATE($last) }，通常每 { NUMBER($days) } 天购买一次。预计{ DATE($expected) }前后用完。
