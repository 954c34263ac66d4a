// https://api-dashboard.search.brave.com/api-reference/web/search/get and .../news/news_search/get

#include "runtime/text.hpp"
#include "runtime/web/html_entities.hpp"
#include "runtime/web/search_provider.hpp"

#include <algorithm>
#include <array>

namespace reverie {

namespace {

constexpr std::string_view brave_title = "Brave Search";
constexpr std::int64_t brave_results_max = 20;
constexpr std::int64_t brave_news_max = 50;
constexpr std::int64_t brave_query_chars_max = 400;

constexpr std::array brave_countries = {
  "AR", "AT", "AU", "BE", "BR", "CA", "CH", "CL", "CN", "DE", "DK", "ES",
  "FI", "FR", "GB", "HK", "ID", "IN", "IT", "JP", "KR", "MX", "MY", "NL",
  "NO", "NZ", "PH", "PL", "PT", "RU", "SA", "SE", "TR", "TW", "US", "ZA",
};

std::string brave_country(const SearchQuery& query, SearchNotes& notes) {
  if (query.country.empty()) return "ALL";
  if (std::find(brave_countries.begin(), brave_countries.end(), query.country)
      != brave_countries.end())
    return query.country;
  notes.push_back("Brave Search does not know the user_location " + query.country);
  return "ALL";
}

// "2026-01-01to2026-11-28"; an end that is not given is far away, or today.
std::string brave_freshness(const SearchQuery& query) {
  const std::string from = query.published_from ? day_text(*query.published_from) : "1990-01-01";
  return from + "to" + day_text(query.published_to.value_or(query.now));
}

std::string brave_query(const SearchQuery& query, SearchNotes& notes) {
  std::string out = query_with_operators(query);
  if (count_characters(out) <= brave_query_chars_max) return out;
  notes.emplace_back("Brave Search takes 400 characters: sites were chosen among what it found");
  return query.text;
}

HttpCall brave_request(const SearchQuery& query, const std::string& url, const std::string& key,
                       SearchNotes& notes) {
  const bool is_news = query.category == "news";
  const std::int64_t results_max = is_news ? brave_news_max : brave_results_max;
  if (query.results_max > results_max)
    notes.push_back("Brave Search returns at most " + std::to_string(results_max) + " results");
  if (query.include_text)
    notes.emplace_back("Brave Search returns no texts of pages: read them with fetch_webpage");
  if (!query.category.empty() && !is_news && query.category != "pdf"
      && sites_of_category(query.category).empty())
    notes.push_back(note_on_category(brave_title, query.category));
  HttpCall call;
  call.url = url + (is_news ? "/res/v1/news/search" : "/res/v1/web/search");
  call.url += "?q=" + url_encoded(brave_query(query, notes));
  call.url += "&count=" + std::to_string(std::min(query.results_max, results_max));
  call.url += "&country=" + brave_country(query, notes);
  if (!is_news) call.url += "&text_decorations=false&result_filter=web";
  if (query.published_from || query.published_to)
    call.url += "&freshness=" + brave_freshness(query);
  call.headers = {{"Accept", "application/json"}, {"X-Subscription-Token", key}};
  return call;
}

std::optional<std::vector<SearchResult>> read_brave(const Json& answer) {
  // News are at the top. A search that finds nothing has no member `web`.
  const Json* found = member(answer, "results");
  if (const Json* web = member(answer, "web")) found = member(*web, "results");
  if (found == nullptr && text_member(answer, "type") == "search")
    return std::vector<SearchResult>();
  if (found == nullptr || !found->is_array()) return std::nullopt;
  std::vector<SearchResult> out;
  for (const Json& each : *found) {
    SearchResult result;
    result.title = decoded_entities(text_member(each, "title"));
    result.url = text_member(each, "url");
    result.published_date = text_member(each, "page_age");
    if (const auto text = text_member(each, "description"); !text.empty())
      result.highlights.push_back(decoded_entities(text));
    for (const std::string& text : texts_in(member(each, "extra_snippets")))
      result.highlights.push_back(decoded_entities(text));
    out.push_back(std::move(result));
  }
  return out;
}

}  // namespace

SearchProvider brave_search() {
  return {.name = "brave",
          .title = brave_title,
          .key_variable = "BRAVE_API_KEY",
          .url = "https://api.search.brave.com",
          .is_filtered_here = true,
          .request = brave_request,
          .read = read_brave};
}

}  // namespace reverie
