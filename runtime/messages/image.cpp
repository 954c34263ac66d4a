#include "runtime/messages/image.hpp"

#include "config/base64.hpp"
#include "config/json_text.hpp"
#include "runtime/llm/json_access.hpp"
#include "runtime/messages/answer_pieces.hpp"
#include "runtime/messages/api_messages.hpp"

#include <limits>
#include <utility>

namespace reverie {

namespace {

// Enough for every signature below, and whole groups of base64.
constexpr std::size_t signature_base64_size = 24;

constexpr std::string_view message_prefix = "message-";
constexpr std::string_view file_prefix = "file-";

Error no_image(std::string message, std::string where) {
  return {Errc::bad_request, std::move(message), std::move(where)};
}

Error too_large(std::size_t bytes, std::int64_t bytes_max) {
  return no_image("the image has " + std::to_string(bytes) + " bytes, " + std::to_string(bytes_max)
                    + " are allowed (images.bytes_max)",
                  "");
}

Error no_known_type() {
  return no_image("the data is no PNG, JPEG, GIF or WebP image", "");
}

Result<ChatImage> image_of_base64(std::string_view data, std::int64_t bytes_max) {
  if (data.empty() || !is_base64(data)) return no_image("the data is no base64", "");
  if (static_cast<std::int64_t>(base64_bytes(data)) > bytes_max)
    return too_large(base64_bytes(data), bytes_max);
  const auto start = from_base64(data.substr(0, signature_base64_size));
  const std::string_view type = start ? image_media_type(*start) : std::string_view();
  if (type.empty()) return no_known_type();
  return ChatImage{std::string(type), std::string(data), ""};
}

// data:image/png;base64,<data>
Result<ChatImage> image_of_data_url(std::string_view url, std::int64_t bytes_max) {
  const std::size_t comma = url.find(',');
  if (comma == std::string_view::npos || !url.substr(0, comma).ends_with(";base64"))
    return no_image("a data: URL of an image has to be base64", "");
  return image_of_base64(url.substr(comma + 1), bytes_max);
}

Result<ChatImage> image_of_url(const Json& source, std::int64_t bytes_max) {
  const std::string_view url = text_member(source, "url");
  if (url.starts_with("data:")) return image_of_data_url(url, bytes_max);
  if (url.starts_with("http:") || url.starts_with("https:"))
    return no_image("images are fetched from URLs in messages that are sent to an agent only", "");
  return no_image("an image's URL has to begin with https:, http: or data:", "");
}

// What was imported may be anything, and one image that no vendor takes would end every turn.
std::optional<ChatImage> image_in(const Json& stored_source) {
  auto image = read_image_source(stored_source, std::numeric_limits<std::int64_t>::max());
  if (!image) return std::nullopt;
  return *std::move(image);
}

}  // namespace

std::string_view image_media_type(std::string_view bytes) {
  if (bytes.starts_with("\x89PNG\r\n\x1a\n")) return "image/png";
  if (bytes.starts_with("\xff\xd8\xff")) return "image/jpeg";
  if (bytes.starts_with("GIF87a") || bytes.starts_with("GIF89a")) return "image/gif";
  if (bytes.starts_with("RIFF") && bytes.size() >= 12 && bytes.substr(8, 4) == "WEBP")
    return "image/webp";
  return "";
}

Result<ChatImage> make_image(std::string_view bytes, std::int64_t bytes_max) {
  if (static_cast<std::int64_t>(bytes.size()) > bytes_max)
    return too_large(bytes.size(), bytes_max);
  const std::string_view type = image_media_type(bytes);
  if (type.empty()) return no_known_type();
  return ChatImage{std::string(type), to_base64(bytes), ""};
}

Result<ChatImage> read_image_source(const Json& source, std::int64_t bytes_max) {
  if (!source.is_object()) return expected("object", source);
  const std::string_view type = text_member(source, "type");
  const bool has_data = member(source, "data") != nullptr;
  if (type != "url" && type != "base64" && type != "letta")
    return Error{Errc::invalid_argument, "expected url, base64 or letta", "type"};
  if (type == "letta" && !has_data)
    return no_image("there is no stored image of this id", "file_id");
  const std::string_view name = type == "url" ? "url" : "data";
  const Json* value = member(source, name);
  if (value == nullptr) return Error{Errc::invalid_argument, "field required", std::string(name)};
  if (!value->is_string()) return expected("string", *value).in(name);
  auto image = type == "url" ? image_of_url(source, bytes_max)
                             : image_of_base64(text_member(source, "data"), bytes_max);
  if (!image) return std::move(image).error().in(name);
  image->detail = text_member(source, "detail");
  return image;
}

Json base64_image_source(const ChatImage& image) {
  Json source{{"type", "base64"}, {"media_type", image.media_type}, {"data", image.data}};
  if (!image.detail.empty()) source["detail"] = image.detail;
  return source;
}

RawJson stored_image_source(const ChatImage& image, std::string_view file_id) {
  std::string out = "{";
  append_text(out, "type", "letta");
  append_text(out, "file_id", file_id);
  append_text(out, "media_type", image.media_type);
  append_text(out, "data", image.data);
  append_name(out, "detail");
  append_text_or_null(out, image.detail);
  out += '}';
  return RawJson(std::move(out));
}

std::optional<ChatImage> stored_image(const ContentPart& part) {
  if (part.type != "image") return std::nullopt;
  const auto source = parsed(part.source.text);
  return source ? image_in(*source) : std::nullopt;
}

std::vector<ChatImage> images_in_parts(const RawJson& parts) {
  std::vector<ChatImage> out;
  const auto json = parts.is_null() ? std::nullopt : parsed(parts.text);
  if (!json || !json->is_array()) return out;
  for (const Json& part : *json) {
    const Json* source = text_member(part, "type") == "image" ? member(part, "source") : nullptr;
    if (source == nullptr) continue;
    if (auto image = image_in(*source)) out.push_back(*std::move(image));
  }
  return out;
}

std::string image_file_id(const ImagePlace& place) {
  return std::string(file_prefix) + message_otid(place.message_id, place.part);
}

std::optional<ImagePlace> place_of_image(std::string_view file_id) {
  constexpr std::string_view hex = "0123456789abcdef";
  if (!file_id.starts_with(file_prefix)) return std::nullopt;
  const std::string_view uuid = file_id.substr(file_prefix.size());
  if (uuid.size() != 36) return std::nullopt;
  const std::size_t high = hex.find(uuid[34]);
  const std::size_t low = hex.find(uuid[35]);
  if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
  return ImagePlace{std::string(message_prefix) + message_otid(uuid, 0), (high & 7) << 4 | low};
}

std::string message_id_with_images(const std::string& message_id) {
  return std::string(message_prefix) + message_otid(message_id, 0);
}

}  // namespace reverie
