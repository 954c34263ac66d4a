// Messages of a request -> messages to be stored.

#pragma once

#include "config/clock.hpp"
#include "config/error.hpp"
#include "config/json.hpp"
#include "config/random.hpp"
#include "runtime/messages/image.hpp"
#include "storage/records/message.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace reverie {

// What the new messages get beside what was sent. Their sequence numbers, run and step are the
// caller's to set.
struct InputTarget {
  std::string_view agent_id;
  Timestamp now;
  Random& random;
  std::int64_t image_bytes_max = image_bytes_max_default;
};

// `messages` is the array of the request. Text is kept as it was sent. Errors, whose `where` begins
// with "messages.<index>": invalid_argument; bad_request for a message without content ("empty
// content in ..."). What answers an approval is the first message and has the role approval
// (runtime/messages/approvals.hpp).
//
// An image that cannot be taken is a bad_request whose message has the path too. Those whose data
// is elsewhere were brought in before (net/input_images.hpp).
Result<std::vector<Message>> read_input_messages(const Json& messages, InputTarget target);

// `input` is a text or a list of content parts: one message of the user. Errors as above, `where`
// begins with "input".
Result<std::vector<Message>> read_input(const Json& input, InputTarget target);

}  // namespace reverie
