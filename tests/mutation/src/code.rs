//! The source of clients and of their tests, without documentation: what a compiler needs, and what a comparison may see.

use rekindle::emit::{self, ConformanceStyle};
use rekindle::format::format;
use rekindle::template::Templates;
use rekindle_contract::contract::Contract;

/// The client of a contract.
pub fn client(contract: &Contract) -> Result<String, String> {
    let source =
        emit::client(contract, Templates::embedded()).map_err(|error| error.to_string())?;
    Ok(without_docs(&format(&source).map_err(|error| error.to_string())?))
}

/// The conformance tests of a contract, without those over sockets: they find the client in the module around them.
pub fn conformance(contract: &Contract) -> Result<String, String> {
    let style = ConformanceStyle::new(&["super"], false);
    let source = emit::conformance_styled(contract, Templates::embedded(), &style)
        .map_err(|error| error.to_string())?;
    Ok(without_docs(&format(&source).map_err(|error| error.to_string())?))
}

/// The formatter lets no literal and no comment span lines, so that each line is documentation or is not.
fn without_docs(source: &str) -> String {
    let is_code = |line: &&str| !line.trim_start().starts_with("//");
    source.lines().filter(is_code).flat_map(|line| [line, "\n"]).collect()
}
