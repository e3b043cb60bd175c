welcome =
    .subject = Boas-vindas!
    .body = É bom contar consigo. A partir de hoje as suas compras dão pontos, que encontra onde quer que inicie sessão.

welcome-technical =
    .subject = Boas-vindas: o que há para a área técnica
    .body = A sua empresa é membro do nosso programa. Receberá parâmetros, documentos técnicos e datas de manutenção das máquinas que tem a seu cargo.

welcome-procurement =
    .subject = Boas-vindas: o que há para as compras
    .body = A sua empresa é membro do nosso programa. Receberá planos de fornecimento, propostas de encomenda e as condições do seu nível a tempo do seu planeamento.

purchase-reached =
    .subject = Obrigado pela sua compra
    .body =
        Obrigado! Esta foi { NUMBER($number) ->
            [1] a sua primeira compra
           *[other] a sua compra número { NUMBER($number) }
        } connosco.

tier-reached =
    .subject = Atingiu um novo nível
    .body = Parabéns! A partir de hoje tem as vantagens do seu novo nível. Inicie sessão para ver quais são.

anniversary =
    .subject = Feliz aniversário
    .body =
        Está connosco há { NUMBER($years) ->
            [one] { NUMBER($years) } ano
           *[other] { NUMBER($years) } anos
        }. Obrigado!

silent =
    .subject = Há algum tempo que não nos visita
    .body = Os seus pontos e as suas vantagens continuam aqui. Se algo não correu como esperava, escreva-nos.

own =
    .subject = { $subject }
    .body = { $body }
