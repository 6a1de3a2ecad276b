//! `rekindle man`

use super::args::Man;
use super::console::{self, count};
use super::{Outcome, Stop, command};
use crate::output;
use std::io::{self, ErrorKind};

pub(super) fn run(arguments: &Man) -> Result<Outcome, Stop> {
    let mut whole = command().disable_help_subcommand(true);
    whole.build();
    let Some(folder) = &arguments.folder else {
        console::data(&page(whole)?)?;
        return Ok(Outcome::Done);
    };
    let parts: Vec<clap::Command> = whole.get_subcommands().cloned().collect();
    let mut pages = Vec::new();
    for part in std::iter::once(whole).chain(parts) {
        let name = part.get_display_name().unwrap_or_else(|| part.get_name()).to_owned();
        pages.push((folder.join(format!("{name}.1")), page(part)?));
    }
    output::put(&pages)?;
    console::line(&format!("{} in {}", count(pages.len(), "page"), folder.display()));
    Ok(Outcome::Done)
}

/// The manual page of a part of the command, in roff.
fn page(command: clap::Command) -> io::Result<String> {
    let mut page = Vec::new();
    clap_mangen::Man::new(command).render(&mut page)?;
    String::from_utf8(page).map_err(|error| io::Error::new(ErrorKind::InvalidData, error))
}
