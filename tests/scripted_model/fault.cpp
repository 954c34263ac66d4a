#include "tests/scripted_model/fault.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace reverie::scripted {
namespace {

struct NamedFault {
  std::string_view name;
  int status;
  std::string_view type;
  std::string_view code;
  std::string_view message;
  std::string_view anthropic_message;
};

constexpr std::array faults{
  NamedFault{"400", 400, "invalid_request_error", "", "Scripted bad request", ""},
  NamedFault{"401", 401, "invalid_request_error", "invalid_api_key",
             "Incorrect API key provided (scripted)", ""},
  NamedFault{"402", 402, "insufficient_quota", "insufficient_quota",
             "Insufficient credits (scripted)", ""},
  NamedFault{"403", 403, "invalid_request_error", "permission_denied",
             "Permission denied (scripted)", ""},
  NamedFault{"404", 404, "invalid_request_error", "model_not_found",
             "The model does not exist (scripted)", ""},
  NamedFault{"422", 422, "invalid_request_error", "", "Unprocessable (scripted)", ""},
  NamedFault{"429", 429, "requests", "rate_limit_exceeded", "Rate limit reached (scripted)", ""},
  NamedFault{"500", 500, "server_error", "", "The server had an error (scripted)", ""},
  NamedFault{"502", 502, "server_error", "", "Bad gateway (scripted)", ""},
  NamedFault{"503", 503, "server_error", "", "The engine is overloaded (scripted)", ""},
  NamedFault{"529", 529, "overloaded_error", "", "Overloaded (scripted)", ""},
  NamedFault{"context_length", 400, "invalid_request_error", "context_length_exceeded",
             "This model's maximum context length is 8192 tokens. However, your messages resulted "
             "in 9999 tokens. Please reduce the length of the messages.",
             "prompt is too long: 209999 tokens > 200000 maximum"},
  NamedFault{"content_filter", 400, "invalid_request_error", "content_filter",
             "The response was filtered (scripted)", ""},
};

int status_of(std::string_view name) {
  int status = 0;
  const auto [end, code] = std::from_chars(name.data(), name.data() + name.size(), status);
  const bool is_number = code == std::errc{} && end == name.data() + name.size();
  return is_number && status >= 400 && status <= 599 ? status : 500;
}

}  // namespace

Fault fault_named(std::string_view name) {
  const auto found = std::find_if(faults.begin(), faults.end(),
                                  [&](const NamedFault& fault) { return fault.name == name; });
  if (found == faults.end())
    return {status_of(name), "server_error", "", "Scripted error " + std::string(name), ""};
  return {found->status, std::string(found->type), std::string(found->code),
          std::string(found->message), std::string(found->anthropic_message)};
}

Fault bad_request(std::string message) {
  return {400, "invalid_request_error", "", std::move(message), ""};
}

}  // namespace reverie::scripted
