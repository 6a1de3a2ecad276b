//! One connection of a client.

use super::raw;
use super::site::Site;
use crate::clock::pause;
use crate::network::Delivery;
use http::{Request, Response};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::net::TcpStream;
use tokio::sync::oneshot;

/// The longest body that is read: no refresh is longer.
const LONGEST_BODY: usize = 1024 * 1024;

/// Serves a connection that came in at the listener with this place in the list, until either side ends it.
pub(super) async fn serve(stream: TcpStream, listener: usize, site: Arc<Site>) {
    // Bytes that are sent one by one must arrive one by one. Where it cannot be set they arrive together.
    let _ = stream.set_nodelay(true);
    let (hand_over, handed_over) = oneshot::channel::<Delivery>();
    let hand_over = Mutex::new(Some(hand_over));
    let service = service_fn(|request| {
        let (site, hand_over) = (&site, &hand_over);
        async move {
            let request = match read(request, site).await {
                Ok(request) => request,
                Err(Unread::Refused(refused)) => return Ok((*refused).map(full)),
                Err(Unread::Broken) => return Err(io::ErrorKind::ConnectionAborted.into()),
            };
            match site.answer(listener, request) {
                Delivery::Answer(response) => Ok(response.map(full)),
                Delivery::Late(response) => {
                    pause(site.options.late).await;
                    Ok(response.map(full))
                }
                by_hand => {
                    let sender = hand_over.lock().unwrap_or_else(PoisonError::into_inner).take();
                    // It is there: after the first use this connection serves nothing more.
                    if let Some(sender) = sender {
                        let _ = sender.send(by_hand);
                    }
                    std::future::pending::<io::Result<_>>().await
                }
            }
        }
    });
    let mut connection = http1::Builder::new()
        .auto_date_header(false)
        .serve_connection(TokioIo::new(stream), service);
    let by_hand = tokio::select! {
        // A client that goes away is no failure of the server.
        _ = &mut connection => None,
        handed_over = handed_over => handed_over.ok(),
    };
    if let Some(delivery) = by_hand {
        let stream = connection.into_parts().io.into_inner();
        raw::perform(stream, delivery, &site.options).await;
    }
}

fn full(body: Vec<u8>) -> Full<Bytes> {
    Full::new(Bytes::from(body))
}

/// Why a request was not read to its end.
enum Unread {
    /// It is answered without that.
    Refused(Box<Response<Vec<u8>>>),
    /// The connection broke.
    Broken,
}

async fn read(request: Request<Incoming>, site: &Site) -> Result<Request<Vec<u8>>, Unread> {
    let (head, body) = request.into_parts();
    match Limited::new(body, LONGEST_BODY).collect().await {
        Ok(body) => Ok(Request::from_parts(head, body.to_bytes().to_vec())),
        Err(error) if error.is::<LengthLimitError>() => {
            let words = "the body is longer than a mebibyte";
            let request = Request::from_parts(head, Vec::new());
            let refused = site.unread(&request, 413, words, "no refresh needs so much");
            Err(Unread::Refused(Box::new(refused)))
        }
        Err(_) => Err(Unread::Broken),
    }
}
