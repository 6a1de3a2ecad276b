//! prost-build with tonic's service generator: a protobuf file becomes messages and a client. protox stands in for protoc.

use std::fmt::Write as _;
use std::fs;

use prost_build::{Config, Module};
use protox::Compiler;
use rekindle_benches::Error;
use tempfile::TempDir;

/// A protobuf file.
pub struct Proto(TempDir);

impl Proto {
    /// A service with so many rpcs of a refresh, each with messages of its own.
    pub fn new(rpcs: u32) -> Result<Self, Error> {
        let folder = tempfile::tempdir()?;
        fs::write(folder.path().join("refresh.proto"), text(rpcs))?;
        Ok(Self(folder))
    }
}

fn text(rpcs: u32) -> String {
    let mut text = "syntax = \"proto3\";\npackage refresh;\n".to_owned();
    let mut service = String::new();
    for number in 0..rpcs {
        _ = writeln!(
            service,
            "  // Trades a refresh token for new tokens.\n  rpc Refresh{number}(Request{number}) returns (Tokens{number});"
        );
        _ = write!(
            text,
            "message Request{number} {{
  // What is traded.
  string grant_type = 1;
  // The token that is spent.
  string refresh_token = 2;
}}
message Tokens{number} {{
  // The new access token.
  string access_token = 1;
  // How it is sent.
  string token_type = 2;
  // Its lifetime in seconds.
  optional int64 expires_in = 3;
  // The new refresh token.
  string refresh_token = 4;
  // What it is good for.
  optional string scope = 5;
}}
"
        );
    }
    _ = writeln!(text, "service Refresh {{\n{service}}}");
    text
}

/// Bytes of the client that prost-build makes of a file.
pub fn prost(proto: &Proto) -> Result<usize, Error> {
    let mut compiler = Compiler::new([proto.0.path()])?;
    compiler.include_source_info(true).open_file(proto.0.path().join("refresh.proto"))?;
    let files = compiler.file_descriptor_set().file;
    let requests = files
        .into_iter()
        .map(|file| (Module::from_protobuf_package_name(file.package()), file))
        .collect();
    let service = tonic_prost_build::configure().build_server(false).service_generator();
    let modules = Config::new().service_generator(service).generate(requests)?;
    Ok(modules.values().map(String::len).sum())
}
