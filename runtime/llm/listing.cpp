#include "runtime/llm/listing.hpp"

#include "runtime/llm/model_table.hpp"

#include <algorithm>

namespace reverie {

HttpCall listing_call(const ProviderSource& source, std::string url, std::int64_t limit_ms) {
  HttpCall call;
  call.url = std::move(url);
  call.headers = source.headers;
  call.total_ms = limit_ms;
  // 500 ms: a port of the loopback is connected or refused at once, unless the machine is stuck.
  call.connect_ms = source.is_guess ? 500 : limit_ms;
  call.response_bytes_max = 16 << 20;  // OpenRouter's list, the longest known, has half a MB
  if (source.type == "anthropic") {
    call.headers.push_back({"anthropic-version", "2023-06-01"});
    if (!source.api_key.empty()) call.headers.push_back({"x-api-key", source.api_key});
  } else if (!source.api_key.empty()) {
    call.headers.push_back({"Authorization", "Bearer " + source.api_key});
  }
  return call;
}

Result<std::string> listing_body(const std::string& url, Result<HttpResult> answer) {
  if (!answer) return std::move(answer).error();
  if (answer->status >= 200 && answer->status < 300) return std::move(answer->body);
  const bool is_refused = answer->status == 401 || answer->status == 403;
  return Error{is_refused ? Errc::llm_authentication : Errc::upstream,
               url + " answered " + std::to_string(answer->status), "models"};
}

ModelInfo listed_model(const ProviderSource& source, const std::string& name,
                       std::int64_t context_window) {
  ModelInfo model;
  model.handle = source.name + "/" + handle_name(source.type, name);
  model.name = name;
  model.display_name = name;
  model.provider = source.name;
  model.provider_type = source.type;
  model.endpoint = source.base_url;
  model.output_tokens_max = known_output_tokens(source.type, name);
  model.context_window = context_window;
  // A server counts the room for the answer as used: a small window is not given away whole.
  if (context_window > 0)
    model.output_tokens_max = std::min(model.output_tokens_max, context_window / 4);
  else
    model.context_window = known_context_window(source.type, name);
  return model;
}

std::string server_root(const ProviderSource& source) {
  const std::string& url = source.base_url;
  return url.ends_with("/v1") ? url.substr(0, url.size() - 3) : url;
}

}  // namespace reverie
