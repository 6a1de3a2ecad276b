//! What each peer makes of the ways in which sessions are lost: against a server with single-use refresh tokens where a replay
//! revokes the grant.
//!
//! `cargo run --release --bin hazards` prints two tables: the hazards, and the answers of real servers one by one. A cell is what
//! happened in this run; it takes about a minute, for lives of tokens are waited out.

mod answers;
mod cell;
mod crash;
mod hazard;

use std::process::ExitCode;

use rekindle_bench_measure::table::Table;
use rekindle_bench_sessions::Error;
use rekindle_bench_sessions::ours::Ours;
use rekindle_bench_sessions::peer::Peer;
use rekindle_bench_sessions::peers::{self, Aws, Google, Huskarl, Rspotify, Yup};

use crate::answers::{Outcome, Real};
use crate::cell::Cell;

#[tokio::main]
async fn main() -> ExitCode {
    rekindle_bench_sessions::exit_code(print().await)
}

async fn print() -> Result<(), Error> {
    peers::prepare()?;
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.split_first() {
        None => {}
        Some((first, rest)) if first == crash::VICTIM => return crash::run_victim(rest).await,
        Some(_) => return Err("usage: hazards".into()),
    }
    // All at once: most of the time is waiting.
    let (ours, yup, huskarl, rspotify, aws, google) = tokio::try_join!(
        column::<Ours>(answers::described()),
        column::<Yup>(answers::all::<Yup>()),
        column::<Huskarl>(answers::all::<Huskarl>()),
        column::<Rspotify>(answers::all::<Rspotify>()),
        column::<Aws>(answers::all::<Aws>()),
        column::<Google>(answers::all::<Google>()),
    )?;
    let columns = [yup, huskarl, rspotify, aws, google, ours];
    print!("{}", hazards(&columns));
    print!("\n{}", answers(&columns));
    Ok(())
}

/// What one peer made of everything.
struct Column {
    name: &'static str,
    cells: Vec<Cell>,
    outcomes: Vec<Outcome>,
}

/// The hazards, and what is wanted of a session in each.
const ROWS: [(&str, &str); 8] = [
    ("three refreshes in a row, each with a new refresh token", "alive"),
    ("64 callers, no valid token", "1 request"),
    ("the caller gives up mid-refresh", "alive"),
    ("the answer omits `refresh_token`", "alive"),
    ("503 while the old token is still valid", "served, ≤ 1 request"),
    ("the first write to the store fails", "alive, and reported"),
    ("the process dies between answer and write", "known at the next open"),
    ("17 answers of real servers", "17"),
];

async fn column<P: Peer>(
    answers: impl Future<Output = Result<Vec<Outcome>, Error>>,
) -> Result<Column, Error> {
    let mut cells = vec![
        hazard::rotation::<P>().await?,
        hazard::stampede::<P>().await?,
        hazard::gives_up::<P>().await?,
        hazard::omitted::<P>().await?,
        hazard::outage::<P>().await?,
        hazard::failed_write::<P>().await?,
        crash::crash::<P>().await?,
    ];
    let outcomes = answers.await?;
    cells.push(answers::sum(&outcomes));
    Ok(Column { name: P::NAME, cells, outcomes })
}

/// The head of a table: the peers, Rekindle last, before what is wanted.
fn head<'a>(first: &'a str, columns: &'a [Column], last: &[&'a str]) -> Vec<&'a str> {
    let names = columns.iter().map(|column| column.name);
    let head = std::iter::once(first).chain(names);
    head.chain(last.iter().copied()).collect()
}

fn hazards(columns: &[Column]) -> Table {
    let mut table = Table::new(&head("hazard", columns, &["wanted", "verdict"]));
    for (number, (hazard, wanted)) in ROWS.iter().enumerate() {
        let cells = columns.iter().map(|column| &column.cells[number]);
        let verdict = cells.clone().next_back().map_or("", Cell::verdict);
        let row = std::iter::once((*hazard).to_owned()).chain(cells.map(Cell::to_string));
        table.row(row.chain([(*wanted).to_owned(), verdict.to_owned()]));
    }
    table
}

fn answers(columns: &[Column]) -> Table {
    let mut table = Table::new(&head("answer", columns, &["right"]));
    for (number, answer) in Real::ALL.iter().enumerate() {
        let cells = columns.iter().map(|column| column.outcomes[number].to_string());
        let row = std::iter::once(answer.name.to_owned()).chain(cells);
        table.row(row.chain([answer.right().to_owned()]));
    }
    table
}
