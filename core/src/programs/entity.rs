//! The tables `programs` and `program_revisions`.

#![expect(unreachable_pub, reason = "sea-orm's derives ask for `pub` inside the module")]

pub(crate) mod programs {
    use crate::{ProgramId, Timestamp};
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "programs")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: ProgramId,
        pub slug: String,
        pub sandbox: bool,
        pub test_clock_at: Option<Timestamp>,
        pub revision: i32,
        pub created_at: Timestamp,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod revisions {
    use crate::{ProgramId, Timestamp};
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "program_revisions")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub program_id: ProgramId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub revision: i32,
        pub source: String,
        pub actor: String,
        pub created_at: Timestamp,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
