//! `rekindle-torture`: what sessions must withstand, as one command. It ends in one line on standard output.

use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;
use rekindle_torture::{Asked, Plan, Scenario, run, worker};

/// Tortures sessions of refreshed tokens, and holds what is left against what the provider has counted
///
/// The provider is a fake one whose refresh tokens are good for one exchange; a spent one that comes back revokes the grant. It is
/// served over loopback HTTP; database servers are started for the occasion.
///
/// The last line says how it went: `lost` (rotated tokens that neither the store has nor the journal accounts for), `revoked` (requests
/// that the provider refused), `duplicated` (tokens sent twice), `exchanges` (by the provider's count), `generations` (in the store),
/// `in_doubt` (exchanges of killed processes that the journal accounts for). The exit code is 1 where anything did not hold, and 2
/// where the options make no sense.
#[derive(Debug, Parser)]
#[command(name = "rekindle-torture", max_term_width = 100)]
struct Arguments {
    /// What is done to sessions
    #[arg(value_enum)]
    scenario: Scenario,

    #[command(flatten)]
    asked: Asked,

    /// What all random choices are drawn from: the same seed makes the same plan. The machine's timing is its own
    #[arg(long, value_name = "S", default_value_t = 42)]
    seed: u64,
}

fn main() -> ExitCode {
    if let Some(code) = worker::run_if_asked(worker::hold) {
        return code;
    }
    let arguments = Arguments::parse();
    let program = match std::env::current_exe() {
        Ok(program) => program,
        Err(error) => return fail(&error),
    };
    match Plan::new(arguments.scenario, arguments.asked, arguments.seed, program) {
        Ok(plan) => carry_out(&plan),
        Err(unusable) => {
            use clap::CommandFactory as _;
            Arguments::command().error(ErrorKind::ArgumentConflict, unusable).exit()
        }
    }
}

fn carry_out(plan: &Plan) -> ExitCode {
    match run(plan) {
        Ok(Some(report)) => {
            println!("{report}");
            for violation in &report.violations {
                eprintln!("VIOLATION: {violation}");
            }
            if report.holds() {
                return ExitCode::SUCCESS;
            }
            eprintln!("this plan again: {}", plan.command());
            ExitCode::FAILURE
        }
        // The reason is on standard error.
        Ok(None) => ExitCode::FAILURE,
        Err(failure) => fail(&failure),
    }
}

fn fail(error: &dyn std::error::Error) -> ExitCode {
    eprintln!("error: {error}");
    ExitCode::FAILURE
}
