// The texts on a WebSocket (docs/websocket.md): what a client's frame asks for, and what it is
// told. A frame that asks for something stands for an operation of the HTTP API.

#pragma once

#include "config/error.hpp"
#include "config/json.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace reverie {

enum class FrameType : std::uint8_t { send, approve, resume, cancel, leave, ping };

// As on the wire, in the order of the type.
inline constexpr std::array<std::string_view, 6> frame_types{"send",   "approve", "resume",
                                                             "cancel", "leave",   "ping"};

// What a client calls what it asks for.
inline constexpr std::size_t frame_id_bytes_max = 128;

struct ClientFrame {
  FrameType type = FrameType::ping;
  std::string id;  // "" only for a ping
  // What it stands for, with the value of the one parameter of its path and its body; for all but
  // leave and ping.
  std::string_view operation_id = {};
  std::string path_value = {};
  Json body = Json::object();
};

// `id` is what the frame calls itself, also when it is refused. Errors: invalid_argument, with the
// name of the member that is wrong.
Result<ClientFrame> read_client_frame(std::string_view text, std::string& id);

// The run is accepted and stored. `id`: of the client's frame, here and below.
std::string started_frame(std::string_view id, std::string_view run_id);
// `event` is the JSON of one event of the run.
std::string event_frame(std::string_view id, std::string_view run_id, std::string_view event);
// There is no more to hear of the run.
std::string done_frame(std::string_view id, std::string_view run_id);
// What an operation without a stream has answered, as JSON.
std::string result_frame(std::string_view id, std::string_view result);
// A refusal with the status and the body that HTTP has for it. `id` may be "".
std::string error_frame(std::string_view id, int status, std::string_view body);
std::string left_frame(std::string_view id);
std::string pong_frame(std::string_view id);

}  // namespace reverie
