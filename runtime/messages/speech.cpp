#include "runtime/messages/speech.hpp"

#include "config/json.hpp"

namespace reverie {

bool shows_as_speech(std::string_view tool_name, const ApiMessageOptions& options) {
  return !options.text_is_assistant && options.use_assistant_message
         && tool_name == options.tool_name;
}

std::optional<std::string> speech_of(std::string_view tool_name, std::string_view arguments,
                                     const ApiMessageOptions& options) {
  if (!shows_as_speech(tool_name, options)) return {};
  const Json values = Json::parse(arguments, nullptr, false);
  if (!values.is_object()) return {};
  const auto text = values.find(options.tool_kwarg);
  if (text == values.end()) return {};
  if (text->is_object()) return text->dump();  // an answer in a format that was asked for
  if (!text->is_string()) return {};
  return text->get<std::string>();
}

}  // namespace reverie
