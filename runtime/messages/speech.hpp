// How older agents talk: by calling a tool whose argument is the text for the user.

#pragma once

#include "runtime/messages/api_messages.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace reverie {

// Whether calls of this tool are shown as text.
bool shows_as_speech(std::string_view tool_name, const ApiMessageOptions& options);

// The text of a call that is shown as text; nothing for other calls and for one whose arguments
// do not hold it.
std::optional<std::string> speech_of(std::string_view tool_name, std::string_view arguments,
                                     const ApiMessageOptions& options);

}  // namespace reverie
