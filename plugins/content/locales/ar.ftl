document =
    .subject = لعملكم: { $title }
    .body = توجد وثيقة تفيدكم في عملكم: { $title }. تجدونها هنا: { $url }

digest =
    .subject = { NUMBER($count) ->
        [zero] لا وثائق لعملكم
        [one] وثيقة واحدة لعملكم
        [two] وثيقتان لعملكم
        [few] { NUMBER($count) } وثائق لعملكم
        [many] { NUMBER($count) } وثيقة لعملكم
       *[other] { NUMBER($count) } وثيقة لعملكم
    }
    .body =
        هذه الوثائق جديدة بالنسبة إليكم:
        { $list }
