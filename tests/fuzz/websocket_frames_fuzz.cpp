// What clients say on a WebSocket: any text is a frame or an error that names a member, and what is
// answered under the id that it gave is JSON with that id.

#include "net/websocket_frames.hpp"
#include "tests/fuzz/input.hpp"

#include <string>

namespace {

using reverie::FrameType;
using reverie::Json;
using reverie::testing::claim;

void claim_frame(const reverie::ClientFrame& frame, const std::string& id) {
  claim(frame.id == id, "a frame has the id that its errors would have had");
  const bool is_plain = frame.type == FrameType::ping || frame.type == FrameType::leave;
  claim(frame.operation_id.empty() == is_plain, "what asks for something stands for an operation");
  claim(frame.body.is_object(), "a body is an object");
  if (frame.type == FrameType::send || frame.type == FrameType::approve)
    claim(frame.body["background"] == true && frame.body["streaming"] == true,
          "a run that a socket starts can be listened to again");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string id;
  const auto frame = reverie::read_client_frame(reverie::testing::view(data, size), id);
  claim(id.size() <= reverie::frame_id_bytes_max, "an id is within its limit");
  if (frame) {
    claim_frame(*frame, id);
  } else {
    claim(!frame.error().message.empty() && !frame.error().where.empty(), "an error says where");
  }
  const Json answer = Json::parse(reverie::error_frame(id, 422, R"({"detail":"d"})"));
  claim(id.empty() ? answer["id"].is_null() : answer["id"] == id, "an answer names its frame");
  return 0;
}
