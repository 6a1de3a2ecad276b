//! What the command is asked to do.

use clap::Parser;
use std::path::PathBuf;

/// Mutates each contract in one fact at a time and counts the wrong clients that the generated conformance tests catch.
#[derive(Debug, Parser)]
#[command(
    name = "rekindle-mutation",
    after_help = "Exit status: 0 every mutant is killed or explained, 1 one is not, 2 the run itself failed."
)]
pub struct Options {
    /// Spec files, or folders of them; `specs` of this workspace if there are none.
    #[arg(value_name = "SPEC")]
    pub specs: Vec<PathBuf>,
    /// How many compilers and tests run at once; as many as there are processors if not said.
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub jobs: Option<u16>,
    /// Print the mutants and run nothing.
    #[arg(long)]
    pub list: bool,
    /// Only mutants with this text in `provider/fact: before → after`; `*` stands for anything.
    #[arg(long, value_name = "TEXT")]
    pub only: Option<String>,
    /// Keep the sources of the mutants, and say where they are.
    #[arg(long)]
    pub keep: bool,
    /// Print which tests kill how many mutants, and how many of those alone.
    #[arg(long)]
    pub tests: bool,
}
