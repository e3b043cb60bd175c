//! Real components in the real engine: what works, what is refused at the door, and what a hostile
//! plugin can do – nothing, to anybody but itself.

mod build;
mod hostile;
mod inspect;
mod signature;
mod support;
