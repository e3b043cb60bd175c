welcome =
    .subject = Hoş geldiniz!
    .body = Aramızda olmanızdan mutluluk duyuyoruz. Bugünden itibaren alışverişleriniz puan kazandırır; puanlarınızı oturum açtığınız her yerde bulabilirsiniz.

welcome-technical =
    .subject = Hoş geldiniz: teknik ekipler için
    .body = Şirketiniz programımızın üyesidir. Sorumlu olduğunuz makinelerin parametrelerini, teknik yazılarını ve bakım tarihlerini alacaksınız.

welcome-procurement =
    .subject = Hoş geldiniz: satın alma için
    .body = Şirketiniz programımızın üyesidir. Tedarik planlarını, sipariş önerilerini ve seviyenizin koşullarını planlamanıza yetişecek şekilde alacaksınız.

purchase-reached =
    .subject = Alışverişiniz için teşekkürler
    .body =
        Teşekkür ederiz! Bu, bizden yaptığınız { NUMBER($number) ->
            [1] ilk alışverişti
           *[other] { NUMBER($number) }. alışverişti
        }.

tier-reached =
    .subject = Yeni bir seviyeye ulaştınız
    .body = Tebrikler! Bugünden itibaren yeni seviyenizin avantajlarından yararlanırsınız. Neler olduğunu görmek için oturum açın.

anniversary =
    .subject = Yıl dönümünüz kutlu olsun
    .body = { NUMBER($years) } yıldır bizimlesiniz. Teşekkür ederiz!

silent =
    .subject = Bir süredir görüşemedik
    .body = Puanlarınız ve avantajlarınız sizi bekliyor. Beklediğiniz gibi olmayan bir şey varsa lütfen bize yazın.

own =
    .subject = { $subject }
    .body = { $body }
