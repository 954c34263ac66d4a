// JSON-RPC 2.0, as the Model Context Protocol speaks it. What is read comes from a foreign server.

#pragma once

#include "config/error.hpp"
#include "config/json.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace reverie {

struct RpcMessage {
  enum class Kind : std::uint8_t { request, notification, result, error };

  Kind kind = Kind::notification;
  Json id;             // of all but notifications: a number or a text; of an error: null perhaps
  std::string method;  // of a request or a notification
  Json params = Json::object();
  Json result;
  std::int64_t error_code = 0;
  std::string error_message;  // at most 1'000 characters
};

// One message, or all of a batch. Errors: mcp_connection: it is neither.
Result<std::vector<RpcMessage>> read_rpc(std::string_view text);

std::string rpc_request(std::int64_t id, std::string_view method, const Json& params);
std::string rpc_notification(std::string_view method, const Json& params);
// `id`: as it came in.
std::string rpc_result(const Json& id, const Json& result);
std::string rpc_error(const Json& id, std::int64_t code, std::string_view message);

// Codes of the specification.
constexpr std::int64_t rpc_method_not_found = -32'601;

// Takes lines out of bytes that come in any slices; a line of a session over stdio is a message.
class RpcLines {
 public:
  using OnLine = std::function<void(std::string_view line)>;

  explicit RpcLines(std::size_t line_bytes_max) : line_bytes_max_(line_bytes_max) {}

  // Empty lines are passed over. Errors: mcp_connection: a line is longer than the limit; nothing
  // more can be fed then.
  Status feed(std::string_view bytes, const OnLine& on_line);

 private:
  std::size_t line_bytes_max_;
  std::string line_;  // the start of one whose end has not come yet
};

}  // namespace reverie
