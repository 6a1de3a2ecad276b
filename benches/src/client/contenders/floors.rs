//! What nobody can do without: a socket, and HTTP over it.

use std::io::{Read, Write};
use std::net::TcpStream;

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST, HeaderValue};
use hyper::{Request, Uri};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rekindle_benches::Error;
use rekindle_benches::rounds::Contender;

use super::{blocking, runtime, waiting};
use crate::exchange::{self, Answer, HELD, PATH};

/// Bytes on a socket, no HTTP library.
pub fn raw(server: &str) -> Result<Contender<'static>, Error> {
    let host = authority(server).to_owned();
    let mut stream = TcpStream::connect(&host)?;
    stream.set_nodelay(true)?;
    let mut buffer = vec![0; 4096];
    Ok(blocking("raw TCP + serde_json", HELD.to_owned(), move |held| {
        let body = exchange::form(&held);
        let request = format!(
            "POST {PATH} HTTP/1.1\r\nhost: {host}\r\naccept: application/json\r\nauthorization: {}\r\n\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
            exchange::AUTHORIZATION,
            body.len()
        );
        stream.write_all(request.as_bytes())?;
        // The answer is small: it comes at once.
        let count = stream.read(&mut buffer)?;
        let answer = &buffer[..count];
        let end = answer.windows(4).position(|window| window == b"\r\n\r\n").ok_or("no head")? + 4;
        if !answer.starts_with(b"HTTP/1.1 200 ") {
            return Err("not a success".into());
        }
        serde_json::from_slice::<Answer>(&answer[end..])?.next()
    }))
}

/// One connection of hyper's.
pub fn connection(server: &str) -> Result<Contender<'static>, Error> {
    let host = HeaderValue::from_str(authority(server))?;
    let runtime = runtime()?;
    let mut sender = runtime.block_on(async {
        let stream = tokio::net::TcpStream::connect(authority(server)).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok::<_, Error>(sender)
    })?;
    Ok(waiting("hyper, one connection", runtime, HELD.to_owned(), async move |held: String| {
        let mut request = request(Uri::from_static(PATH), &held);
        request.headers_mut().insert(HOST, host.clone());
        sender.ready().await?;
        let answer = sender.send_request(request).await?;
        read(answer).await
    }))
}

/// hyper's pooled client.
pub fn pooled(url: &str) -> Result<Contender<'static>, Error> {
    let url: Uri = url.parse()?;
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let client: Client<_, Full<Bytes>> = Client::builder(TokioExecutor::new()).build(connector);
    Ok(waiting("hyper-util, pooled", runtime()?, HELD.to_owned(), async move |held: String| {
        let answer = client.request(request(url.clone(), &held)).await?;
        read(answer).await
    }))
}

fn authority(server: &str) -> &str {
    server.trim_start_matches("http://")
}

fn request(url: Uri, held: &str) -> Request<Full<Bytes>> {
    let mut request = Request::new(Full::new(Bytes::from(exchange::form(held))));
    *request.method_mut() = hyper::Method::POST;
    *request.uri_mut() = url;
    let headers = request.headers_mut();
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    headers.insert(AUTHORIZATION, HeaderValue::from_static(exchange::AUTHORIZATION));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
    request
}

async fn read(answer: hyper::Response<hyper::body::Incoming>) -> Result<String, Error> {
    if !answer.status().is_success() {
        return Err("not a success".into());
    }
    let body = answer.into_body().collect().await?.to_bytes();
    serde_json::from_slice::<Answer>(&body)?.next()
}
