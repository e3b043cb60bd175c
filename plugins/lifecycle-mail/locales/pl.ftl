welcome =
    .subject = Witamy!
    .body = Cieszymy się, że są Państwo z nami. Od dziś zakupy przynoszą punkty, które czekają wszędzie tam, gdzie można się zalogować.

welcome-technical =
    .subject = Witamy: co mamy dla działu technicznego
    .body = Państwa firma jest uczestnikiem naszego programu. Będą Państwo otrzymywać parametry, opracowania techniczne i terminy serwisu maszyn, którymi się Państwo zajmują.

welcome-procurement =
    .subject = Witamy: co mamy dla działu zakupów
    .body = Państwa firma jest uczestnikiem naszego programu. Będą Państwo otrzymywać plany dostaw, propozycje zamówień i warunki swojego poziomu na czas, by uwzględnić je w planach.

purchase-reached =
    .subject = Dziękujemy za zakup
    .body =
        Dziękujemy! To był { NUMBER($number) ->
            [1] Państwa pierwszy zakup
           *[other] Państwa { NUMBER($number) }. zakup
        } u nas.

tier-reached =
    .subject = Osiągnęli Państwo nowy poziom
    .body = Gratulujemy! Od dziś przysługują Państwu korzyści nowego poziomu. Po zalogowaniu można zobaczyć, jakie.

anniversary =
    .subject = Dziś nasza rocznica
    .body =
        Są Państwo z nami już { NUMBER($years) ->
            [one] rok
            [few] { NUMBER($years) } lata
            [many] { NUMBER($years) } lat
           *[other] { NUMBER($years) } roku
        }. Dziękujemy!

silent =
    .subject = Dawno się nie widzieliśmy
    .body = Punkty i korzyści nadal na Państwa czekają. Jeśli coś nie spełniło oczekiwań, prosimy do nas napisać.

own =
    .subject = { $subject }
    .body = { $body }
