//! Killed without warning: what was answered is there, and running again completes the rest as if
//! nothing had happened.

mod frozen;
mod importing;
mod serving;
