#include "net/input_images.hpp"

#include "actors/ask.hpp"
#include "actors/errors.hpp"
#include "actors/services.hpp"
#include "net/io_bridge.hpp"
#include "runtime/llm/json_access.hpp"
#include "runtime/messages/image.hpp"

#include <limits>
#include <memory>
#include <utility>
#include <vector>

namespace reverie {

namespace {

// Of one request; as many as a model looks at with full attention.
constexpr std::size_t images_max = 20;

// A source that has to be brought in.
struct Missing {
  Json* source = nullptr;
  std::string path;  // "messages.0.content.1.source"
};

bool is_web_url(std::string_view url) {
  return url.starts_with("http:") || url.starts_with("https:");
}

bool is_missing(const Json& source) {
  const std::string_view type = text_member(source, "type");
  if (type == "url") return is_web_url(text_member(source, "url"));
  return type == "letta" && member(source, "data") == nullptr;
}

// Looks everywhere, since content parts are in messages, in input and in the returns of tools. What
// the parser took is not nested too deep.
void find_missing(Json& json, const std::string& path, std::vector<Missing>& out) {
  if (json.is_array()) {
    for (std::size_t i = 0; i < json.size(); ++i)
      find_missing(json[i], path + "." + std::to_string(i), out);
  } else if (json.is_object()) {
    const auto source = json.find("source");
    if (text_member(json, "type") == "image" && source != json.end() && is_missing(*source)) {
      out.push_back({&*source, path + ".source"});
      return;
    }
    for (auto& [name, value] : json.items()) find_missing(value, path + "." + name, out);
  }
}

// A request whose images are on their way. Only on the io thread.
class PendingImages : public std::enable_shared_from_this<PendingImages> {
 public:
  PendingImages(const CallBase& call, SendMessage request, std::function<void(SendMessage)> next)
    : call_(call), request_(std::move(request)), next_(std::move(next)) {
    look_into(request_.messages, messages_, "messages");
    look_into(request_.input, input_, "input");
  }

  void start() {
    if (missing_.empty()) return next_(std::move(request_));
    if (missing_.size() > images_max)
      return fail({Errc::bad_request,
                   "a request names at most " + std::to_string(images_max) + " images",
                   missing_[images_max].path});
    left_ = missing_.size();
    for (const Missing& missing : missing_) bring(missing);
  }

 private:
  void look_into(const RawJson& text, Json& json, const std::string& name) {
    // Nearly every request has none, and is not parsed for that.
    if (text.text.find("\"image\"") == std::string::npos) return;
    if (auto read = parsed(text.text)) {
      json = *std::move(read);
      find_missing(json, name, missing_);
    }
  }

  void bring(const Missing& missing) {
    if (text_member(*missing.source, "type") == "url")
      fetch(missing);
    else
      look_up(missing);
  }

  void fetch(const Missing& missing) {
    ImageFetcher* images = call_.services().images;
    if (images == nullptr)
      return fail({Errc::unavailable, "images are not fetched here", missing.path});
    images->fetch(std::string(text_member(*missing.source, "url")),
                  [self = shared_from_this(), missing](Result<ChatImage> image) {
                    self->call_.run([self, missing, image = std::move(image)]() mutable {
                      self->on_image(missing, ".url", std::move(image));
                    });
                  });
  }

  // The message that has the image says what it is, to those who may read it.
  void look_up(const Missing& missing) {
    const auto place = place_of_image(text_member(*missing.source, "file_id"));
    if (!place) return on_image(missing, ".file_id", not_stored());
    RetrieveMessage read;
    read.message_id = place->message_id;
    const Identity& identity = call_.identity();
    ask(&call_.bridge(), call_.services().router,
        Routed{place->message_id, identity.org_id, identity.user_id, std::move(read)})
      .then(
        [self = shared_from_this(), missing, part = place->part](const Answer& answer) {
          self->on_image(missing, ".file_id", image_in(answer.json, part));
        },
        [self = shared_from_this(), missing](const caf::error&) {
          self->on_image(missing, ".file_id", not_stored());
        });
  }

  static Error not_stored() {
    return {Errc::bad_request, "there is no stored image of this id", ""};
  }

  // `answer`: the API's messages of one stored message.
  static Result<ChatImage> image_in(const std::string& answer, std::size_t part) {
    const auto messages = parsed(answer);
    if (!messages || !messages->is_array() || messages->empty()) return not_stored();
    const Json* content = member(messages->front(), "content");
    if (content == nullptr || !content->is_array() || part >= content->size()) return not_stored();
    const Json* source = member((*content)[part], "source");
    if (source == nullptr) return not_stored();
    auto image = read_image_source(*source, std::numeric_limits<std::int64_t>::max());
    if (!image) return not_stored();
    return image;
  }

  void on_image(const Missing& missing, std::string_view member_name, Result<ChatImage> image) {
    if (is_answered_) return;
    if (!image) {
      Error error = std::move(image).error();
      error.where = missing.path + std::string(member_name);
      return fail(std::move(error));
    }
    const std::string_view asked = text_member(*missing.source, "detail");
    if (!asked.empty()) image->detail = asked;
    *missing.source = base64_image_source(*image);
    if (--left_ == 0) finish();
  }

  void finish() {
    if (!messages_.is_null()) request_.messages = RawJson(messages_.dump());
    if (!input_.is_null()) request_.input = RawJson(input_.dump());
    const auto bytes_max =
      static_cast<std::size_t>(call_.services().settings->server.body_bytes_max);
    if (request_.messages.text.size() + request_.input.text.size() > bytes_max)
      return fail({Errc::bad_request,
                   "with its images the request is longer than server.body_bytes_max allows",
                   missing_.front().path});
    next_(std::move(request_));
  }

  // A 400 shows its text alone, so the path is put into it.
  void fail(Error error) {
    if (std::exchange(is_answered_, true)) return;
    error.message = error.where + ": " + error.message;
    call_.fail(error);
  }

  CallBase call_;
  SendMessage request_;
  std::function<void(SendMessage)> next_;
  Json messages_;
  Json input_;
  std::vector<Missing> missing_;  // into messages_ and input_
  std::size_t left_ = 0;
  bool is_answered_ = false;
};

}  // namespace

void with_images(const CallBase& call, SendMessage request, std::function<void(SendMessage)> next) {
  std::make_shared<PendingImages>(call, std::move(request), std::move(next))->start();
}

}  // namespace reverie
