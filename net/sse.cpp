#include "net/sse.hpp"

namespace reverie {

std::string sse_event(std::string_view json) {
  std::string out;
  out.reserve(json.size() + 8);
  out.append("data: ").append(json).append("\n\n");
  return out;
}

std::string sse_event(std::string_view name, std::string_view json) {
  std::string out;
  out.reserve(name.size() + json.size() + 16);
  out.append("event: ").append(name).append("\ndata: ").append(json).append("\n\n");
  return out;
}

std::string_view sse_data(std::string_view frame) {
  constexpr std::string_view field = "data: ";
  if (frame.starts_with("event: ")) frame.remove_prefix(frame.find('\n') + 1);
  frame.remove_prefix(field.size());
  frame.remove_suffix(2);
  return frame;
}

}  // namespace reverie
