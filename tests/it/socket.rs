//! A client of `graphql-transport-ws`, as small as can be.

use std::time::Duration;

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Error, Message, client::IntoClientRequest, protocol::frame::coding::CloseCode},
};

pub type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Longer than any answer takes on a slow machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// Connects to `/graphql` of the server at an `http://` address.
pub async fn open(url: &str) -> Socket {
    open_as(url, &[("sec-websocket-protocol", "graphql-transport-ws")]).await.unwrap()
}

/// Connects with these headers.
pub async fn open_as(url: &str, headers: &[(&'static str, &'static str)]) -> Result<Socket, Box<Error>> {
    let mut request = format!("{url}/graphql").replace("http://", "ws://").into_client_request().unwrap();
    for (name, value) in headers {
        request.headers_mut().insert(*name, value.parse().unwrap());
    }
    Ok(connect_async(request).await.map_err(Box::new)?.0)
}

/// Connects, and is welcomed.
pub async fn introduced(url: &str) -> Socket {
    let mut socket = open(url).await;
    say(&mut socket, json!({ "type": "connection_init" })).await;
    assert_eq!(heard(&mut socket).await["type"], "connection_ack");
    socket
}

pub async fn subscribe(socket: &mut Socket, id: &str, query: &str) {
    say(socket, json!({ "type": "subscribe", "id": id, "payload": { "query": query } })).await;
}

pub async fn say(socket: &mut Socket, message: Value) {
    socket.send(Message::text(message.to_string())).await.unwrap();
}

/// The next message, pings of the transport left out.
pub async fn heard(socket: &mut Socket) -> Value {
    loop {
        let message = tokio::time::timeout(PATIENCE, socket.next()).await.expect("silence").unwrap().unwrap();
        if !matches!(message, Message::Ping(_) | Message::Pong(_)) {
            return serde_json::from_str(message.to_text().unwrap()).unwrap_or_else(|_| panic!("{message:?}"));
        }
    }
}

/// The code with which the server closes.
pub async fn closed(socket: &mut Socket) -> u16 {
    while let Ok(Some(Ok(message))) = tokio::time::timeout(PATIENCE, socket.next()).await {
        if let Message::Close(frame) = message {
            return frame.map_or(CloseCode::Status, |frame| frame.code).into();
        }
    }
    panic!("the connection was not closed");
}
