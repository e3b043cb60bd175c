//! Real components in the real engine: what works, what is refused at the door, and what a hostile
//! plugin can do – nothing, to anybody but itself.

mod build;
#[expect(dead_code, reason = "the platform's tests go through it hook by hook")]
#[path = "../../../../tests/plugins/hostile/cases.rs"]
mod cases;
mod hostile;
mod inspect;
mod javascript;
#[path = "../../../../tests/plugins/hostile/made.rs"]
mod made;
mod pack;
mod signature;
mod support;
