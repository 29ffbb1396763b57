//! `graphql-transport-ws` at `/graphql`: one connection, many operations. The protocol's close codes are the protocol's.

use std::{collections::HashMap, sync::Arc, time::Duration};

use async_graphql::Response as GraphQlResponse;
use axum::{
    body::Body,
    extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade},
    http::{HeaderMap, Response, StatusCode},
};
use futures::{
    StreamExt,
    stream::{self, BoxStream, SelectAll},
};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};
use tokio_util::sync::CancellationToken;

use super::{
    Door,
    error::{self, Refusal},
    graphql::Written,
    guard::Authenticated,
    media::Media,
    params::Params,
};
use crate::api::Caller;

const PROTOCOL: &str = "graphql-transport-ws";
/// How long a client may take to introduce itself.
const INIT_TIMEOUT: Duration = Duration::from_secs(10);
/// Pings go out this often; a client that says nothing during two of them is gone.
const PING_INTERVAL: Duration = Duration::from_secs(20);
/// Operations at the same time on one connection.
const MAX_OPERATIONS: usize = 100;

/// Upgrades the connection when the client speaks the protocol.
pub fn accept(
    door: Arc<Door>,
    upgrade: WebSocketUpgrade,
    authenticated: Authenticated,
    headers: &HeaderMap,
) -> Response<Body> {
    let caller = door.settings.access.caller(headers);
    let upgrade = upgrade.max_message_size(door.settings.max_body_bytes).protocols([PROTOCOL]);
    if upgrade.selected_protocol().is_none() {
        return Refusal::bad(format!("The WebSocket protocol must be {PROTOCOL}."))
            .status(StatusCode::BAD_REQUEST)
            .into_answer(Media::Json);
    }
    upgrade.on_upgrade(async move |socket| {
        let gauge = metrics::gauge!("throughline_websockets");
        gauge.increment(1.0);
        Connection::new(door, socket, authenticated.0, caller).serve().await;
        gauge.decrement(1.0);
    })
}

/// What a client says.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Said {
    ConnectionInit {
        #[serde(default)]
        payload: Value,
    },
    Subscribe {
        id: String,
        payload: Value,
    },
    Complete {
        id: String,
    },
    Ping {
        payload: Option<Value>,
    },
    Pong {},
}

/// What an operation brings.
enum Brought {
    Answer(Box<GraphQlResponse>),
    End,
}

/// Why a connection ends: close code and reason.
struct Close(u16, &'static str);

struct Connection {
    door: Arc<Door>,
    socket: WebSocket,
    /// By its headers. If not, the first message must carry the token.
    authenticated: bool,
    caller: Caller,
    acknowledged: bool,
    /// Running operations: their serial number and what stops them. An id may be used again after it is complete.
    operations: HashMap<String, (u64, CancellationToken)>,
    serial: u64,
    answers: SelectAll<BoxStream<'static, (String, u64, Brought)>>,
    heard: Instant,
}

impl Connection {
    fn new(door: Arc<Door>, socket: WebSocket, authenticated: bool, caller: Caller) -> Connection {
        Connection {
            door,
            socket,
            authenticated,
            caller,
            acknowledged: false,
            operations: HashMap::new(),
            serial: 0,
            answers: SelectAll::new(),
            heard: Instant::now(),
        }
    }

    /// Talks until one side ends it. Dropping the connection drops, and so cancels, its operations.
    async fn serve(mut self) {
        if let Err(Close(code, reason)) = self.talk().await {
            let frame = CloseFrame { code, reason: reason.into() };
            // The client may be gone already.
            let _ = self.socket.send(Message::Close(Some(frame))).await;
        }
    }

    async fn talk(&mut self) -> Result<(), Close> {
        let init_deadline = Instant::now() + INIT_TIMEOUT;
        let mut pings = interval(PING_INTERVAL);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        pings.reset();
        let shutdown = self.door.shutdown.clone();
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return Err(Close(1001, "The server stops")),
                () = sleep_until(init_deadline), if !self.acknowledged => {
                    return Err(Close(4408, "Connection initialisation timeout"));
                }
                _ = pings.tick() => {
                    if self.heard.elapsed() > PING_INTERVAL * 2 {
                        return Err(Close(4408, "The client is silent"));
                    }
                    self.say(json!({ "type": "ping" })).await?;
                }
                message = self.socket.recv() => match message {
                    None | Some(Err(_)) | Some(Ok(Message::Close(_))) => return Ok(()),
                    Some(Ok(message)) => self.hear(message).await?,
                },
                Some((id, serial, brought)) = self.answers.next(), if !self.answers.is_empty() => {
                    self.pass_on(id, serial, brought).await?;
                }
            }
        }
    }

    async fn hear(&mut self, message: Message) -> Result<(), Close> {
        self.heard = Instant::now();
        let text = match message {
            Message::Text(text) => text,
            Message::Binary(_) => return Err(Close(4400, "Messages must be text")),
            _ => return Ok(()),
        };
        match serde_json::from_str(&text).map_err(|_| Close(4400, "Invalid message"))? {
            Said::ConnectionInit { .. } if self.acknowledged => Err(Close(4429, "Too many initialisation requests")),
            Said::ConnectionInit { payload } => {
                if !self.authenticated && !self.door.settings.access.admits_payload(&payload) {
                    return Err(Close(4403, "Forbidden"));
                }
                self.acknowledged = true;
                self.say(json!({ "type": "connection_ack" })).await
            }
            Said::Ping { payload: Some(payload) } => self.say(json!({ "type": "pong", "payload": payload })).await,
            Said::Ping { payload: None } => self.say(json!({ "type": "pong" })).await,
            Said::Pong {} => Ok(()),
            Said::Subscribe { .. } if !self.acknowledged => Err(Close(4401, "Unauthorized")),
            Said::Subscribe { id, .. } if self.operations.contains_key(&id) => {
                Err(Close(4409, "Subscriber for this id already exists"))
            }
            Said::Subscribe { .. } if self.operations.len() >= MAX_OPERATIONS => {
                Err(Close(4429, "Too many operations"))
            }
            Said::Subscribe { id, payload } => self.start(id, payload).await,
            Said::Complete { id } => {
                if let Some((_, stop)) = self.operations.remove(&id) {
                    stop.cancel();
                }
                Ok(())
            }
        }
    }

    async fn start(&mut self, id: String, payload: Value) -> Result<(), Close> {
        let prepared = match Params::from_json(payload) {
            Ok(params) => self.door.prepare(&params, self.caller.clone()).await,
            Err(refusal) => Err(refusal),
        };
        let operation = match prepared {
            Ok(operation) => operation,
            Err(refusal) => {
                return self.say(json!({ "type": "error", "id": id, "payload": [refusal.to_server_error()] })).await;
            }
        };
        self.serial += 1;
        let (serial, stop) = (self.serial, CancellationToken::new());
        self.operations.insert(id.clone(), (serial, stop.clone()));
        let answers = self
            .door
            .answers(operation)
            .map(|answer| Brought::Answer(Box::new(answer)))
            .chain(stream::once(async { Brought::End }));
        let tagged = answers.map(move |brought| (id.clone(), serial, brought)).take_until(stop.cancelled_owned());
        self.answers.push(tagged.boxed());
        Ok(())
    }

    /// What comes of an operation that was completed meanwhile is dropped.
    async fn pass_on(&mut self, id: String, serial: u64, brought: Brought) -> Result<(), Close> {
        let Some((_, stop)) = self.operations.get(&id).filter(|(current, _)| *current == serial) else { return Ok(()) };
        match brought {
            Brought::Answer(response) if error::is_request_error(&response) => {
                stop.cancel();
                self.operations.remove(&id);
                self.say(json!({ "type": "error", "id": id, "payload": response.errors })).await
            }
            Brought::Answer(response) => {
                self.say(json!({ "type": "next", "id": id, "payload": Written::from(&*response) })).await
            }
            Brought::End => {
                self.operations.remove(&id);
                self.say(json!({ "type": "complete", "id": id })).await
            }
        }
    }

    async fn say(&mut self, message: Value) -> Result<(), Close> {
        self.socket.send(Message::text(message.to_string())).await.map_err(|_| Close(1001, "The client is gone"))
    }
}
