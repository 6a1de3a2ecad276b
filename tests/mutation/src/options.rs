//! What the command is asked to do.

use std::path::PathBuf;

/// The page of `--help`.
pub const HELP: &str = "\
Mutates each contract in one fact at a time and counts the wrong clients that the generated conformance tests catch.

Usage: cargo run --release -p rekindle-mutation -- [OPTIONS] [SPEC…]

Arguments:
  [SPEC…]        Spec files, or folders of them; `specs` of this workspace if there are none

Options:
  --jobs N       How many compilers and tests run at once; as many as there are processors if not said
  --list         Print the mutants and run nothing
  --only TEXT    Only mutants with this text in `provider/operator/fact: before → after`; `*` stands for anything
  --keep         Keep the sources of the mutants, and say where they are
  --markdown     Print the table as Markdown
  --tests        Print which tests kill how many mutants, and how many of those alone
  --help         Print this

Exit status: 0 every mutant is killed or explained, 1 one is not, 2 the run itself failed.";

/// What the command is asked to do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// Spec files and folders of them; empty: the workspace's own.
    pub specs: Vec<PathBuf>,
    /// How many processes run at once.
    pub jobs: Option<usize>,
    /// Print the mutants and run nothing.
    pub list: bool,
    /// A pattern that the mutants must hold.
    pub only: Option<String>,
    /// Whether the mutants' sources stay.
    pub keep: bool,
    /// Whether the table is Markdown.
    pub markdown: bool,
    /// Whether the tests are counted as well.
    pub tests: bool,
    /// Whether only help is wanted.
    pub help: bool,
}

impl Options {
    /// Reads the arguments behind the command's name.
    pub fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Self, String> {
        let mut options = Self::default();
        let mut arguments = arguments.into_iter();
        while let Some(argument) = arguments.next() {
            let mut value =
                || arguments.next().ok_or_else(|| format!("`{argument}` needs a value"));
            match argument.as_str() {
                "--list" => options.list = true,
                "--keep" => options.keep = true,
                "--markdown" => options.markdown = true,
                "--tests" => options.tests = true,
                "--help" | "-h" => options.help = true,
                "--only" => options.only = Some(value()?),
                "--jobs" | "-j" => {
                    let jobs = value()?;
                    let number = jobs.parse().ok().filter(|number| *number > 0);
                    options.jobs =
                        Some(number.ok_or_else(|| format!("`{jobs}` is no number of jobs"))?);
                }
                unknown if unknown.starts_with('-') => {
                    return Err(format!("there is no option `{unknown}`"));
                }
                spec => options.specs.push(PathBuf::from(spec)),
            }
        }
        Ok(options)
    }
}

#[cfg(test)]
mod tests {
    use super::Options;
    use std::path::PathBuf;

    fn parse(line: &str) -> Result<Options, String> {
        Options::parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn options_are_read_in_any_order() {
        let options = parse("a.yaml --jobs 3 --only rotation --keep b").expect("options");
        assert_eq!(options.specs, [PathBuf::from("a.yaml"), PathBuf::from("b")]);
        assert_eq!(
            (options.jobs, options.only.as_deref(), options.keep),
            (Some(3), Some("rotation"), true)
        );
    }

    #[test]
    fn nonsense_is_refused() {
        for line in ["--jobs", "--jobs 0", "--jobs many", "--frobnicate"] {
            assert!(parse(line).is_err(), "{line}");
        }
    }
}
