//! The YAML language server that editors use, from npm, spoken to as an editor does.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use crate::token_server::{install_from_npm, programs};

/// `yaml-language-server`, over its standard input and output (the Language Server Protocol 3.17). It ends when this is dropped.
pub struct Editor {
    server: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    schema: String,
    messages: u64,
}

impl Editor {
    /// Installs it, unless an earlier run did, and starts it for files of this schema. `None`, said on standard error, where it cannot be
    /// installed.
    ///
    /// # Panics
    /// It does not start; it cannot be installed and `REKINDLE_REQUIRE_SERVERS` is set.
    pub fn launch(schema: &Path) -> Option<Self> {
        let folder = match install_from_npm(&programs().join("editor")) {
            Ok(folder) => folder,
            Err(why) => {
                crate::skipped(&format!("the YAML language server cannot be installed: {why}"));
                return None;
            }
        };
        let mut server = Command::new("node")
            .arg(folder.join("node_modules/.bin/yaml-language-server"))
            .arg("--stdio")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a server that starts");
        let input = server.stdin.take().expect("its input");
        let output = BufReader::new(server.stdout.take().expect("its output"));
        let schema = format!("file://{}", schema.display());
        let mut editor = Self { server, input, output, schema, messages: 0 };
        let capabilities = json!({
            "workspace": { "configuration": true },
            "textDocument": {
                "hover": { "contentFormat": ["markdown"] },
                "completion": { "completionItem": { "snippetSupport": true } },
            },
        });
        editor.ask(
            "initialize",
            json!({ "processId": null, "rootUri": null, "capabilities": capabilities }),
        );
        editor.send(&json!({ "jsonrpc": "2.0", "method": "initialized", "params": {} }));
        Some(editor)
    }

    /// What is shown where `|` stands in a text.
    ///
    /// # Panics
    /// The server ends, or the text has no `|`.
    pub fn hover(&mut self, text: &str) -> String {
        let answer = self.at("textDocument/hover", text);
        answer["contents"]["value"].as_str().unwrap_or_default().to_owned()
    }

    /// What is offered where `|` stands in a text.
    ///
    /// # Panics
    /// The server ends, or the text has no `|`.
    pub fn completions(&mut self, text: &str) -> Vec<String> {
        let answer = self.at("textDocument/completion", text);
        let items = answer["items"].as_array().or_else(|| answer.as_array());
        let labels = items.into_iter().flatten().map(|item| item["label"].as_str());
        labels.flatten().map(str::to_owned).collect()
    }

    /// Opens a text and asks about the place of `|` in it.
    fn at(&mut self, method: &str, text: &str) -> Value {
        let text = format!("# yaml-language-server: $schema={}\n{text}", self.schema);
        let (before, after) = text.split_once('|').expect("a place");
        let (line, last) = (before.matches('\n').count(), before.rsplit('\n').next());
        let character = last.unwrap_or_default().chars().count();
        let uri = format!("file:///specs/{}.yaml", self.messages);
        let document = json!({ "uri": uri, "languageId": "yaml", "version": 1, "text": format!("{before}{after}") });
        self.send(&json!({
            "jsonrpc": "2.0",
            "method": "textDocument/didOpen",
            "params": { "textDocument": document },
        }));
        let place = json!({ "line": line, "character": character });
        self.ask(method, json!({ "textDocument": { "uri": uri }, "position": place }))
    }

    /// The result of a request. What the server asks meanwhile is answered.
    fn ask(&mut self, method: &str, params: Value) -> Value {
        self.messages += 1;
        let id = self.messages;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        loop {
            let mut message = self.receive();
            match (message["method"].as_str(), message["id"].is_null()) {
                (None, _) if message["id"] == id => return message["result"].take(),
                (Some(asked), false) => {
                    let result = match asked {
                        "workspace/configuration" => configuration(&message["params"]["items"]),
                        _ => Value::Null,
                    };
                    let id = message["id"].take();
                    self.send(&json!({ "jsonrpc": "2.0", "id": id, "result": result }));
                }
                _ => {}
            }
        }
    }

    fn send(&mut self, message: &Value) {
        let text = message.to_string();
        write!(self.input, "Content-Length: {}\r\n\r\n{text}", text.len())
            .expect("a server that reads");
        self.input.flush().expect("a server that reads");
    }

    fn receive(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut line = String::new();
            let read = self.output.read_line(&mut line).expect("a server that answers");
            assert!(read > 0, "the server has ended");
            match line.trim().split_once(": ") {
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                    length = value.parse().expect("a length");
                }
                Some(_) => {}
                None => break,
            }
        }
        let mut body = vec![0; length];
        self.output.read_exact(&mut body).expect("a whole message");
        serde_json::from_slice(&body).expect("JSON")
    }
}

/// The settings that the server asks for: no schemas but that of the file.
fn configuration(items: &Value) -> Value {
    let settings = |item: &Value| match item["section"] == "yaml" {
        true => json!({ "hover": true, "completion": true, "schemaStore": { "enable": false } }),
        false => json!({}),
    };
    items.as_array().into_iter().flatten().map(settings).collect()
}

impl Drop for Editor {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
