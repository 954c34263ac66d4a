// Pictures in messages: what a client may send, the form in which they are stored, and what a
// model is given. A stored one is the API's LettaImage with its data:
//
//   {"type":"letta","file_id":"file-<uuid>","media_type":"image/png","data":"<base64>","detail":null}
//
// The id leads back to it: it is the UUID of the message with the picture's place among the
// message's parts in the lowest 7 bits, which are zero in the message's own id.

#pragma once

#include "config/error.hpp"
#include "config/json.hpp"
#include "runtime/llm/provider.hpp"
#include "storage/records/message.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reverie {

// images.bytes_max where nothing else is said.
constexpr std::int64_t image_bytes_max_default = 3'840LL << 10;

// The places that the lowest 7 bits of an id can name.
constexpr std::size_t parts_with_images_max = 128;

// "image/png", "image/jpeg", "image/gif" or "image/webp", by the first bytes; empty: none of these.
std::string_view image_media_type(std::string_view bytes);

// Errors: bad_request: too large, or no picture that models take.
Result<ChatImage> make_image(std::string_view bytes, std::int64_t bytes_max);

// A `source` of the API whose data is in it: base64, a data: URL, or a stored picture that came
// with its data. The media type is what the bytes say. Errors: bad_request for what cannot be taken
// (any other URL: those are fetched before), invalid_argument for another shape; `where` is the
// wrong member.
Result<ChatImage> read_image_source(const Json& source, std::int64_t bytes_max);

// The API's Base64Image, for an image that has no id.
Json base64_image_source(const ChatImage& image);

RawJson stored_image_source(const ChatImage& image, std::string_view file_id);

// Of a stored part of type "image"; nothing when its data is not there, or no picture.
std::optional<ChatImage> stored_image(const ContentPart& part);

// Those among the content parts that a tool of a client returned.
std::vector<ChatImage> images_in_parts(const RawJson& parts);

// An image of a message, by the message's id and back.
struct ImagePlace {
  std::string message_id;
  std::size_t part = 0;
};
std::string image_file_id(const ImagePlace& place);
std::optional<ImagePlace> place_of_image(std::string_view file_id);
// The id for a message that has pictures.
std::string message_id_with_images(const std::string& message_id);

}  // namespace reverie
