service-due-technical =
    .subject = { $model }: { $consumable } için değişim tarihi { DATE($due) }
    .body = { $model } ({ $machine }) makinesindeki { $consumable } parçasının kullanım ömrü şu tarihte doluyor: { DATE($due) }. Çalışma saati kaybetmemek için lütfen değişimi önceden planlayın ve yedek parçayı hazır bulundurun.

service-due-procurement =
    .subject = Lütfen sipariş verin: { $model } için { $consumable }, son tarih { DATE($due) }
    .body = { $model } ({ $machine }) makinesindeki { $consumable } parçası en geç şu tarihte değiştirilmelidir: { DATE($due) }. Şimdi verilen sipariş zamanında ve bugünkü fiyatla ulaşır.

service-due =
    .subject = { $model }: bakım tarihi { DATE($due) }
    .body = { $model } ({ $machine }) makinenizdeki { $consumable } parçası en geç şu tarihte değiştirilmelidir: { DATE($due) }.

service-follow-up =
    .subject = { $model }: { $consumable } henüz değiştirilmedi
    .body = { $model } ({ $machine }) makinesindeki { $consumable } parçasının değiştirildiğine dair henüz bir kaydımız yok; değişim tarihi: { DATE($due) }. Bu konuda başka bir hatırlatma göndermeyeceğiz.

service-due-order =
    .subject = Lütfen sipariş verin: { $model } için { $consumable }, son tarih { DATE($due) }
    .body = { $model } ({ $machine }) makinesindeki { $consumable } parçası en geç şu tarihte değiştirilmelidir: { DATE($due) }. Önerdiğimiz sipariş: { $parts }. Şimdi verilirse zamanında ve bugünkü fiyatla ulaşır.

inspection-due =
    .subject = { $model }: muayene tarihi { DATE($due) }
    .body = Seviyenizin bir avantajı olan { $model } ({ $machine }) makinesinin muayenesi için tarih: { DATE($due) }. Lütfen üretiminize uygun bir gün önerin.

serviced-on-time = Zamanında bakım: { $consumable }
