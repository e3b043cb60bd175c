welcome =
    .subject = 欢迎您！
    .body = 很高兴您加入我们。从今天起，您的消费即可累积积分，登录后随时可以查看。

welcome-technical =
    .subject = 欢迎：工程师专享内容
    .body = 贵公司已加入我们的会员计划。您将收到所负责设备的参数、技术白皮书和保养日期。

welcome-procurement =
    .subject = 欢迎：采购专享内容
    .body = 贵公司已加入我们的会员计划。您将及时收到供货计划、订购建议以及贵公司等级的相关条件，便于您安排采购。

purchase-reached =
    .subject = 感谢您的惠顾
    .body =
        谢谢！这是您在我们这里的{ NUMBER($number) ->
            [1] 首次购买
           *[other] 第 { NUMBER($number) } 次购买
        }。

tier-reached =
    .subject = 您已升至新的等级
    .body = 恭喜！从今天起，您即可享受新等级的权益。登录即可查看详情。

anniversary =
    .subject = 周年快乐
    .body = 您加入我们已有 { NUMBER($years) } 年。感谢您！

silent =
    .subject = 好久不见
    .body = 您的积分和权益仍然有效。如果有任何不如预期之处，请写信告诉我们。

own =
    .subject = { $subject }
    .body = { $body }
