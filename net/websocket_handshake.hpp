// What a client's request for a WebSocket says (RFC 6455 §4.2.1).

#pragma once

#include "config/error.hpp"
#include "net/http.hpp"
#include "net/websocket.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace reverie {

// The protocol that is spoken, as a browser names it in Sec-WebSocket-Protocol.
inline constexpr std::string_view websocket_protocol = "reverie.v1";

// A browser cannot send Authorization with a handshake, so it offers its password as one more
// protocol: "reverie.token." and the password in base64url. Nothing when none is offered; "" when
// what is offered can be nobody's.
std::optional<std::string> offered_token(const HttpRequest& request);

// What the answer needs, or the answer that refuses: 400, 405, 426.
struct HandshakeReading {
  WebSocketHandshake handshake;
  std::optional<HttpResponse> refusal;
};
HandshakeReading read_handshake(const HttpRequest& request);

}  // namespace reverie
