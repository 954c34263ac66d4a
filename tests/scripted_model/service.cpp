#include "tests/scripted_model/service.hpp"

#include "config/json.hpp"
#include "config/json_text.hpp"
#include "tests/scripted_model/catalog.hpp"
#include "tests/scripted_model/embedding.hpp"
#include "tests/scripted_model/process_cpu.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <exception>

namespace reverie::scripted {
namespace {

constexpr auto no_json = "We could not parse the JSON body of your request.";

Response json_response(std::string body, int status = 200) {
  Response response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

Response error_response(const Dialect& dialect, const Fault& fault) {
  Response response = json_response(dialect.error_body(fault), fault.status);
  response.may_retry_at_once = fault.status == 429;
  return response;
}

std::chrono::microseconds latency(const Settings& settings) {
  return std::chrono::microseconds(static_cast<std::int64_t>(settings.latency_ms * 1e3));
}

std::chrono::microseconds gap(const Settings& settings) {
  if (settings.tokens_per_s <= 0) return {};
  return std::chrono::microseconds(static_cast<std::int64_t>(1e6 / settings.tokens_per_s));
}

Response model_response(const Dialect& dialect, const Settings& settings,
                        const ModelRequest& request, const Reply& reply) {
  const Exchange exchange{request, reply, usage_of(request, reply),
                          static_cast<std::size_t>(settings.chunk_words)};
  Response response;
  if (request.is_stream)
    response.events = dialect.events(exchange);
  else
    response.body = dialect.whole(exchange);
  return response;
}

// How the script wants the answer delivered.
void deliver_as(const Step& step, const Settings& settings, Response& response) {
  response.wait = latency(settings) + step.delay;
  response.hangs = step.hangs;
  response.gap = gap(settings);
  response.is_coalesced = settings.coalesce;
  response.hang_after = step.hang_after;
  response.drop_after = step.drop_after;
}

std::uint64_t number(const std::string& text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// "[[error embed]]" in a text makes its embedding fail; the other errors are for the chat.
bool fails_to_embed(const std::vector<std::string>& texts) {
  return std::any_of(texts.begin(), texts.end(), [](const std::string& text) {
    if (text.find("[[error") == std::string::npos) return false;
    const auto script = parse_script(text);
    return script && !script->steps.empty() && script->steps.front().error.starts_with("embed");
  });
}

}  // namespace

struct Service::Route {
  std::string_view method;
  std::string_view path;
  Response (Service::*handler)(HttpRequest&);
};

const Service::Route* Service::find_route(const HttpRequest& request) {
  static constexpr std::array routes{
    Route{"POST", "/chat/completions", &Service::chat_completions},
    Route{"POST", "/messages", &Service::messages},
    Route{"POST", "/messages/count_tokens", &Service::count_tokens},
    Route{"POST", "/embeddings", &Service::embeddings},
    Route{"GET", "/api/v0/models", &Service::lmstudio_models},
    Route{"GET", "/models", &Service::models},
    Route{"GET", "/api/tags", &Service::ollama_tags},
    Route{"POST", "/api/show", &Service::ollama_show},
    Route{"GET", "/__journal", &Service::journal_entries},
    Route{"GET", "/__journal/last", &Service::journal_last},
    Route{"DELETE", "/__journal", &Service::clear_journal},
    Route{"GET", "/__stats", &Service::stats},
    Route{"POST", "/__config", &Service::configure},
    Route{"GET", "/__health", &Service::health},
  };
  const auto find = [&](std::string_view path) {
    return std::find_if(routes.begin(), routes.end(), [&](const Route& route) {
      return route.method == request.method && route.path == path;
    });
  };
  auto found = find(request.path);
  for (const std::string_view prefix : {"/v1", "/api/v0"})
    if (found == routes.end() && request.path.starts_with(prefix))
      found = find(std::string_view(request.path).substr(prefix.size()));
  return found == routes.end() ? nullptr : &*found;
}

Response Service::answer(HttpRequest request) {
  const Route* route = find_route(request);
  if (!route)
    return error_response(openai::dialect,
                          {404, "invalid_request_error", "unknown_url",
                           "Unknown request URL: " + request.method + " " + request.path, ""});
  try {
    return (this->*route->handler)(request);
  } catch (const std::exception& error) {  // from the JSON library: a member of the wrong type
    return error_response(openai::dialect, bad_request(error.what()));
  }
}

Response Service::chat_completions(HttpRequest& request) {
  ++counters_.chat;
  return call_model(request, openai::dialect);
}

Response Service::messages(HttpRequest& request) {
  ++counters_.messages;
  return call_model(request, anthropic::dialect);
}

Response Service::call_model(HttpRequest& request, const Dialect& dialect) {
  const Settings now = settings();
  const auto model_request = read_model_request(request.body);
  if (!model_request) {
    record(request, std::nullopt);
    return error_response(dialect, bad_request(no_json));
  }
  if (auto problem = now.check_history ? dialect.history_problem(*model_request) : std::nullopt) {
    ++counters_.invalid_histories;
    record(request, std::nullopt);
    return error_response(dialect, bad_request(*std::move(problem)));
  }
  Reply reply = reply_to(*model_request);
  const auto fault = failure_of(reply);
  Response response =
    fault ? error_response(dialect, *fault) : model_response(dialect, now, *model_request, reply);
  deliver_as(reply.step, now, response);
  record(request, std::move(reply));
  return response;
}

std::optional<Fault> Service::failure_of(const Reply& reply) {
  const Step& step = reply.step;
  if (step.error.empty()) return std::nullopt;
  if (step.error_requests) {
    const std::lock_guard lock(mutex_);
    std::int64_t& count = failures_[reply.key];
    if (count >= *step.error_requests) return std::nullopt;
    ++count;
  }
  return fault_named(step.error);
}

Response Service::count_tokens(HttpRequest& request) {
  return json_response("{\"input_tokens\":" + std::to_string(tokens(request.body.size())) + "}");
}

Response Service::embeddings(HttpRequest& request) {
  ++counters_.embeddings;
  const Settings now = settings();
  const auto embedding_request = read_embedding_request(request.body);
  if (!embedding_request) return error_response(openai::dialect, bad_request(no_json));
  counters_.embedded_texts += static_cast<std::int64_t>(embedding_request->texts.size());
  record(request, std::nullopt);
  if (fails_to_embed(embedding_request->texts))
    return error_response(openai::dialect,
                          {500, "server_error", "", "scripted embedding failure", ""});
  Response response =
    json_response(embeddings_body(*embedding_request, static_cast<std::size_t>(now.embedding_dim)));
  response.wait = latency(now);
  return response;
}

Response Service::models(HttpRequest& request) {
  const bool is_anthropic = request.has_header("anthropic-version");
  record(request, std::nullopt);
  return json_response(is_anthropic ? anthropic_models() : openai_models());
}

Response Service::ollama_tags(HttpRequest&) {
  return json_response(scripted::ollama_tags());
}

Response Service::ollama_show(HttpRequest& request) {
  const Json json = Json::parse(request.body);
  const auto name = json.value("model", json.value("name", ""));
  return json_response(ollama_model(name, static_cast<std::size_t>(settings().embedding_dim)));
}

Response Service::lmstudio_models(HttpRequest&) {
  return json_response(scripted::lmstudio_models());
}

Response Service::journal_entries(HttpRequest& request) {
  return json_response(
    journal_.entries_json({number(request.parameter("since")), request.parameter("path"),
                           request.parameter("contains"), number(request.parameter("limit"))}));
}

Response Service::journal_last(HttpRequest&) {
  std::string entry = journal_.last_json();
  if (entry.empty()) return json_response(R"({"error":"journal is empty"})", 404);
  return json_response(std::move(entry));
}

Response Service::clear_journal(HttpRequest&) {
  const std::string count = std::to_string(journal_.clear());
  const std::lock_guard lock(mutex_);
  failures_.clear();
  return json_response("{\"deleted\":" + count + "}");
}

Response Service::stats(HttpRequest&) {
  const auto now = [](const auto& counter) { return counter.load(); };
  return json_response(Json{
    {"requests", now(counters_.requests)},
    {"in_flight", now(counters_.in_flight)},
    {"max_in_flight", now(counters_.max_in_flight)},
    {"aborted", now(counters_.aborted)},
    {"dropped", now(counters_.dropped)},
    {"invalid_histories", now(counters_.invalid_histories)},
    {"chat", now(counters_.chat)},
    {"messages", now(counters_.messages)},
    {"embeddings", now(counters_.embeddings)},
    {"embedded_texts", now(counters_.embedded_texts)},
    {"journal", journal_.size()},
    {"cpu_s", process_cpu_s()},
    {"config", to_json(settings())},
  }
                         .dump());
}

Response Service::configure(HttpRequest& request) {
  const Json changes = Json::parse(request.body);
  const std::lock_guard lock(mutex_);
  Json json = to_json(settings_);
  json.update(changes);
  const auto settings = from_json<Settings>(json);
  if (!settings)
    return error_response(openai::dialect,
                          bad_request(settings.error().where + ": " + settings.error().message));
  settings_ = *settings;
  return json_response(json_text(settings_));
}

Response Service::health(HttpRequest&) {
  return json_response(R"({"status":"ok"})");
}

Settings Service::settings() const {
  const std::lock_guard lock(mutex_);
  return settings_;
}

void Service::record(HttpRequest& request, std::optional<Reply> reply) {
  const Settings now = settings();
  if (now.journal)
    journal_.add(std::move(request), std::move(reply), static_cast<std::size_t>(now.journal_size));
  else
    journal_.skip();
}

}  // namespace reverie::scripted
