welcome =
    .subject = ¡Le damos la bienvenida!
    .body = Nos alegra contar con usted. Desde hoy sus compras suman puntos, y los encontrará dondequiera que inicie sesión.

welcome-technical =
    .subject = Le damos la bienvenida: contenidos para técnicos
    .body = Su empresa es miembro de nuestro programa. Recibirá parámetros, documentos técnicos y fechas de mantenimiento de las máquinas que tiene a su cargo.

welcome-procurement =
    .subject = Le damos la bienvenida: contenidos para compras
    .body = Su empresa es miembro de nuestro programa. Recibirá planes de suministro, propuestas de pedido y las condiciones de su nivel a tiempo para su planificación.

purchase-reached =
    .subject = Gracias por su compra
    .body =
        ¡Muchas gracias! Esta ha sido { NUMBER($number) ->
            [1] su primera compra
           *[other] su compra número { NUMBER($number) }
        } con nosotros.

tier-reached =
    .subject = Ha alcanzado un nuevo nivel
    .body = ¡Enhorabuena! Desde hoy disfruta de las ventajas de su nuevo nivel. Inicie sesión para ver cuáles son.

anniversary =
    .subject = Feliz aniversario
    .body =
        Lleva { NUMBER($years) ->
            [one] { NUMBER($years) } año
           *[other] { NUMBER($years) } años
        } con nosotros. ¡Gracias!

silent =
    .subject = Hace tiempo que no le vemos
    .body = Sus puntos y sus ventajas siguen aquí. Si algo no fue como esperaba, escríbanos, por favor.

own =
    .subject = { $subject }
    .body = { $body }
