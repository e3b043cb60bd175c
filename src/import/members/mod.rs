//! Members: the columns of a members file, and the member that the rows of one external id make.

mod layout;
mod mapping;
mod member;
mod row;

pub(crate) use layout::MemberLayout;
pub(crate) use mapping::MemberMapping;
pub(crate) use member::Joining;
