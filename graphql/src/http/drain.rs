//! What a client still sends when its request is answered already. A connection that is closed on
//! unread bytes is reset, and the answer is lost with it: so a bounded rest is read, and beyond that
//! the answer says that the connection closes.

use crate::admission::{DRAIN_BYTES_MAX, DRAIN_TIME_MAX};
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use http_body::{Frame, SizeHint};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use tokio::sync::oneshot;

/// Answers a request once its body is read.
pub(crate) async fn drained(request: Request, next: Next) -> Response {
    // Such a client sends its body when it is told to, and not if it is answered before.
    let waits = request.headers().contains_key(header::EXPECT);
    let (returned, rest) = oneshot::channel();
    let lend = |body| Body::new(Lent { body, returned: Some(returned) });
    let mut response = next.run(request.map(lend)).await;
    if response.headers().contains_key(header::CONNECTION) {
        return response;
    }
    let is_read = match rest.await {
        Ok(rest) => rest.is_end_stream() || (!waits && read(rest).await),
        Err(_) => false,
    };
    if !is_read {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// Reads what is left of a body; whether it ended within the limits.
async fn read(body: Body) -> bool {
    let mut body = pin!(body);
    let mut left = DRAIN_BYTES_MAX;
    let reading = async {
        while let Some(frame) = std::future::poll_fn(|cx| body.as_mut().poll_frame(cx)).await {
            let Ok(frame) = frame else { return false };
            let bytes = frame.data_ref().map_or(0, Bytes::len);
            let Some(rest) = left.checked_sub(bytes) else { return false };
            left = rest;
        }
        true
    };
    tokio::time::timeout(DRAIN_TIME_MAX, reading).await.unwrap_or(false)
}

/// A body that comes back when the handler drops it.
struct Lent {
    body: Body,
    returned: Option<oneshot::Sender<Body>>,
}

impl HttpBody for Lent {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(returned) = self.returned.take() {
            drop(returned.send(std::mem::take(&mut self.body)));
        }
    }
}
