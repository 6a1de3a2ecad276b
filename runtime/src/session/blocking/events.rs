//! The events of a grant, for code without async.

use std::fmt;

use super::super::event::{Event, Events as AsyncEvents};
use super::engine::Engine;

/// The events of a grant, as an iterator that waits for the next one. It ends when there are no sessions any more.
pub struct Events {
    /// `None` once they have ended.
    events: Option<AsyncEvents>,
    engine: Engine,
}

impl Events {
    pub(super) fn new(events: AsyncEvents, engine: Engine) -> Self {
        Self { events: Some(events), engine }
    }

    /// The next event that has already happened, if there is one.
    pub fn try_next(&mut self) -> Option<Event> {
        self.events.as_mut()?.try_next()
    }
}

impl Iterator for Events {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        if let Some(event) = self.try_next() {
            return Some(event);
        }
        let mut events = self.events.take()?;
        let told = self.engine.wait(async move {
            let event = events.next().await;
            (event, events)
        });
        let (event, events) = told.ok()?;
        if event.is_some() {
            self.events = Some(events);
        }
        event
    }
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Events(..)")
    }
}
