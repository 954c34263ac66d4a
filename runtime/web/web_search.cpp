#include "runtime/web/web_search.hpp"

#include "config/json_writer.hpp"
#include "runtime/text.hpp"
#include "runtime/web/content_type.hpp"
#include "runtime/web/web_url.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace reverie {

namespace {

constexpr std::int64_t complaint_chars_max = 300;

const std::string& key_in_settings(const WebSettings& settings, std::string_view provider) {
  static const std::string none;
  if (provider == "exa") return settings.exa_api_key;
  if (provider == "tavily") return settings.tavily_api_key;
  return provider == "brave" ? settings.brave_api_key : none;
}

std::string without_slash(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  return url;
}

std::string secret_of(const Secrets& secrets, std::string_view name) {
  const auto found = secrets.find(std::string(name));
  return found == secrets.end() ? std::string() : found->second;
}

Result<SearchChoice> choose_named(const WebSettings& settings, const Secrets& secrets) {
  const SearchProvider* provider = find_search_provider(settings.search_provider);
  if (provider == nullptr)
    return Error{Errc::unavailable, "web_search is turned off on this server: web.search_provider",
                 "web_search"};
  SearchChoice choice{provider, without_slash(settings.search_url), {}};
  if (choice.url.empty()) choice.url = provider->url;
  if (choice.url.empty())
    return Error{Errc::unavailable,
                 "web_search is set to " + std::string(provider->title)
                   + ", but web.search_url does not say where it is",
                 "web_search"};
  if (provider->key_variable.empty()) return choice;
  choice.key = secret_of(secrets, provider->key_variable);
  if (choice.key.empty()) choice.key = key_in_settings(settings, provider->name);
  if (choice.key.empty())
    return Error{Errc::unavailable,
                 "web_search is set to " + std::string(provider->title) + ", but there is no "
                   + std::string(provider->key_variable)
                   + ", neither among the agent's secrets nor on the server",
                 "web_search"};
  return choice;
}

Result<SearchChoice> choose_any(const WebSettings& settings, const Secrets& secrets) {
  const auto with_key = [](const SearchProvider& provider, const std::string& key) {
    return SearchChoice{&provider, std::string(provider.url), key};
  };
  for (const SearchProvider& each : search_providers())
    if (const auto key = secret_of(secrets, each.key_variable); !key.empty())
      return with_key(each, key);
  if (!settings.search_url.empty())
    return SearchChoice{find_search_provider("searxng"), without_slash(settings.search_url), {}};
  for (const SearchProvider& each : search_providers())
    if (const auto& key = key_in_settings(settings, each.name); !key.empty())
      return with_key(each, key);
  return Error{Errc::unavailable,
               "web_search is not set up on this server: it needs EXA_API_KEY, TAVILY_API_KEY or "
               "BRAVE_API_KEY, or web.search_url with the address of a SearXNG",
               "web_search"};
}

bool is_of_any(std::string_view host, const std::vector<std::string>& domains) {
  return std::any_of(domains.begin(), domains.end(), [host](const std::string& each) {
    const std::string domain = bare_domain(each);
    return host == domain || host.ends_with("." + domain);
  });
}

bool is_wanted_result(const SearchResult& result, const SearchQuery& query) {
  const auto url = parse_web_url(result.url);
  if (!url) return false;
  const std::vector<std::string> sites =
    query.include_domains.empty() ? sites_of_category(query.category) : query.include_domains;
  if (!sites.empty() && !is_of_any(url->host, sites)) return false;
  if (is_of_any(url->host, query.exclude_domains)) return false;
  const std::string day = result.published_date.substr(0, std::string_view("YYYY-MM-DD").size());
  if (!from_rfc3339(day + "T00:00:00Z")) return true;  // unknown, or written in another way
  return (!query.published_from || day >= day_text(*query.published_from))
         && (!query.published_to || day <= day_text(*query.published_to));
}

void append_result(std::string& out, const SearchResult& result, const SearchQuery& query) {
  JsonObjectWriter object(out);
  object.add("title", result.title).add("url", result.url);
  const auto add_or_null = [&object](std::string_view name, const std::string& text) {
    if (text.empty())
      object.add_null(name);
    else
      object.add(name, text);
  };
  add_or_null("published_date", result.published_date);
  add_or_null("author", result.author);
  if (query.include_text && !result.text.empty())
    object.add("text", first_characters(result.text, query.text_chars_max));
  if (!result.highlights.empty()) object.add("highlights", result.highlights);
}

std::string answer_text(const SearchQuery& query, const std::vector<SearchResult>& results,
                        const SearchNotes& notes) {
  std::string out;
  {
    JsonObjectWriter object(out);
    object.add("query", query.text);
    object.begin("results");
    out += '[';
    for (const SearchResult& result : results) {
      next_element(out);
      append_result(out, result, query);
    }
    out += ']';
    if (!notes.empty()) object.add("notes", notes);
  }
  return out;
}

bool may_help_once_more(const HttpResult& result) {
  return result.status == 429 || result.status >= 500;
}

// What the provider asks for, in milliseconds; nothing when it does not.
std::int64_t asked_pause_ms(const HttpResult& result) {
  const std::string_view text = result.header("retry-after");
  std::int64_t seconds = 0;
  constexpr std::int64_t seconds_max = 3'600;
  std::from_chars(text.data(), text.data() + text.size(), seconds);
  return std::clamp<std::int64_t>(seconds, 0, seconds_max) * 1'000;
}

// The start of what a provider says to a refusal, on one line; not a page for browsers.
std::string complaint_in(const HttpResult& result) {
  if (media_type(result.header("content-type")) == "text/html" || !is_utf8(result.body)) return {};
  std::string out;
  for (const char c : first_characters(result.body, complaint_chars_max))
    out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  return std::string(stripped(out));
}

std::string with_mask(std::string text, const std::string& secret) {
  if (secret.empty()) return text;
  for (std::size_t at = 0; (at = text.find(secret, at)) != std::string::npos;)
    text.replace(at, secret.size(), "***");
  return text;
}

}  // namespace

Result<SearchChoice> choose_search(const WebSettings& settings, const Secrets& secrets) {
  return settings.search_provider == "auto" ? choose_any(settings, secrets)
                                            : choose_named(settings, secrets);
}

class WebSearch::Search final : public WebTask, public std::enable_shared_from_this<Search> {
 public:
  Search(HttpClient& http, std::shared_ptr<const WebSettings> settings, SearchQuery query,
         std::int64_t time_ms, OnAnswer on_answer)
    : WebTask(http, time_ms),
      settings_(std::move(settings)),
      query_(std::move(query)),
      on_answer_(std::move(on_answer)) {}

  void begin(Result<SearchChoice> choice) {
    if (!choice) return finish(std::move(choice).error());
    choice_ = *std::move(choice);
    HttpCall call = choice_.provider->request(query_, choice_.url, choice_.key, notes_);
    call.response_bytes_max = settings_->page_bytes_max;
    call.is_unpacked = true;
    attempt(std::move(call));
  }

 private:
  void attempt(HttpCall call) {
    const bool is_started =
      start(std::move(call), [self = shared_from_this()](Result<HttpResult> result) {
        self->on_result(std::move(result));
      });
    if (!is_started) finish(given_up());
  }

  void on_result(Result<HttpResult> result) {
    if (!result) return finish(not_reached(std::move(result).error()));
    if (may_help_once_more(*result) && !std::exchange(is_repeated_, true)) {
      const std::int64_t pause_ms = std::max(settings_->search_retry_ms, asked_pause_ms(*result));
      if (pause_ms < time_left_ms()) return repeat_after(pause_ms);
    }
    if (result->status != 200) return finish(refusal(*result));
    const auto json = parsed(result->body);
    auto results = json ? choice_.provider->read(*json) : std::nullopt;
    if (!results)
      return finish(
        Error{Errc::upstream, title() + " answered with what is no list of results", "web_search"});
    if (choice_.provider->is_filtered_here)
      std::erase_if(*results,
                    [&](const SearchResult& each) { return !is_wanted_result(each, query_); });
    if (const auto max = static_cast<std::size_t>(query_.results_max); results->size() > max)
      results->resize(max);
    finish(answer_text(query_, *results, notes_));
  }

  void repeat_after(std::int64_t pause_ms) {
    HttpCall call = take_call();
    call.delay_ms = pause_ms;
    attempt(std::move(call));
  }

  Error not_reached(Error error) const {
    const std::string why = error.code == Errc::llm_timeout
                              ? title() + " did not answer in time"
                              : title() + " could not be asked: " + error.message;
    const bool is_its_own = error.code == Errc::llm_timeout || error.code == Errc::llm_connection
                            || error.code == Errc::llm_cancelled;
    return {is_its_own ? error.code : Errc::upstream, with_mask(why, choice_.key), "web_search"};
  }

  Error refusal(const HttpResult& result) const {
    std::string text = title() + " answered " + std::to_string(result.status);
    if (choice_.provider->key_variable.empty() && result.status == 403)
      text += ": its settings.yml has to list json among search.formats";
    else if (const std::string complaint = complaint_in(result); !complaint.empty())
      text += ": " + complaint;
    return {Errc::upstream, with_mask(std::move(text), choice_.key), "web_search"};
  }

  std::string title() const { return std::string(choice_.provider->title); }

  void finish(Result<std::string> answer) { std::exchange(on_answer_, nullptr)(std::move(answer)); }

  const std::shared_ptr<const WebSettings> settings_;
  const SearchQuery query_;
  OnAnswer on_answer_;
  SearchChoice choice_;
  SearchNotes notes_;
  bool is_repeated_ = false;
};

WebSearch::WebSearch(HttpClient& http, const WebSettings& settings)
  : http_(http), settings_(std::make_shared<const WebSettings>(settings)) {}

std::shared_ptr<WebTask> WebSearch::search(SearchQuery query, const Secrets& secrets,
                                           std::int64_t time_ms, OnAnswer on_answer) {
  auto search =
    std::make_shared<Search>(http_, settings_, std::move(query), time_ms, std::move(on_answer));
  search->begin(choose_search(*settings_, secrets));
  return search;
}

}  // namespace reverie
