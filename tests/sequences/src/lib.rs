//! Generated clients, the fake provider and a hostile network against each other, over random sequences and random answers.
//!
//! [`subject`] puts every generated client behind one face, [`operation`] says what can happen, [`holder`] is a careful holder of
//! one grant who notices when an invariant breaks, and [`seeds`] finds, shrinks and replays failures.

pub mod holder;
pub mod operation;
pub mod seeds;
pub mod subject;
