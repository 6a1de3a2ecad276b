//! Whole fleets by chance, from one seed: machines, grants and days in virtual time, with every fault, over the same world as the
//! [exploration](crate::search). A seed gives the same life each time, to the bit.

mod judged;
mod life;
mod member;
mod people;
mod plan;

use std::collections::BTreeSet;

/// A fleet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fleet {
    /// What everything that happens by chance follows from.
    pub seed: u64,
    /// How many machines share the store.
    pub machines: usize,
    /// How many grants there are.
    pub grants: usize,
    /// How long it lives.
    pub days: u32,
    /// Which of the troubles that the seed plans happen; `None`: all of them.
    pub troubles: Option<BTreeSet<usize>>,
}

/// How a fleet has lived.
#[derive(Debug)]
pub struct Report {
    /// How many events there were.
    pub steps: u64,
    /// How many tokens the provider has given.
    pub tokens: usize,
    /// How many troubles were planned.
    pub troubles: usize,
    /// What tells this life apart from every other.
    pub digest: u64,
    /// The property that does not hold.
    pub violation: Option<String>,
    /// What has happened, if that was asked for.
    pub log: Vec<String>,
}

impl Fleet {
    /// Lives it; with a line for each thing that happens, if that is asked for.
    pub fn live(&self, logged: bool) -> Report {
        life::Life::new(self, logged).run()
    }

    /// What `replay` takes: all that the life follows from.
    pub fn code(&self) -> String {
        let Self { seed, machines, grants, days, troubles } = self;
        let kept = troubles.as_ref().map_or_else(
            || "all".to_owned(),
            |kept| kept.iter().map(ToString::to_string).collect::<Vec<_>>().join("."),
        );
        format!("fleet:{seed}:{machines}:{grants}:{days}:{kept}")
    }

    /// Reads it. `None` where it is none.
    pub fn of_code(code: &str) -> Option<Self> {
        let mut parts = code.strip_prefix("fleet:")?.split(':');
        let mut number = || parts.next()?.parse::<u64>().ok();
        let (seed, machines, grants, days) = (number()?, number()?, number()?, number()?);
        let troubles = match parts.next()? {
            "all" => None,
            kept => Some(
                kept.split('.')
                    .filter(|place| !place.is_empty())
                    .map(|place| place.parse().ok())
                    .collect::<Option<_>>()?,
            ),
        };
        let (machines, grants) = (usize::try_from(machines).ok()?, usize::try_from(grants).ok()?);
        let days = u32::try_from(days).ok()?;
        Some(Self { seed, machines, grants, days, troubles })
    }

    /// The same, with as few troubles as still break a property: each part of them is left out in turn, halves first.
    #[must_use]
    pub fn shrunk(&self) -> Self {
        let breaks = |kept: &[usize]| {
            let troubles = Some(kept.iter().copied().collect());
            Self { troubles, ..self.clone() }.live(false).violation.is_some()
        };
        let all = self.live(false).troubles;
        let mut kept: Vec<usize> = match &self.troubles {
            Some(kept) => kept.iter().copied().collect(),
            None => (0..all).collect(),
        };
        let mut part = kept.len().div_ceil(2);
        while part > 0 {
            let mut from = 0;
            while from < kept.len() {
                let mut fewer = kept.clone();
                fewer.drain(from..kept.len().min(from + part));
                if breaks(&fewer) {
                    kept = fewer;
                } else {
                    from += part;
                }
            }
            part /= 2;
        }
        Self { troubles: Some(kept.into_iter().collect()), ..self.clone() }
    }
}
