// https://docs.searxng.org/dev/search_api.html

#include "runtime/text.hpp"
#include "runtime/web/search_provider.hpp"

#include <chrono>

namespace reverie {

namespace {

constexpr std::string_view searxng_title = "SearXNG";

// Its categories are lists of engines; these are in its default settings.
std::string_view searxng_category(std::string_view category) {
  if (category == "news") return "news";
  if (category == "research paper") return "science";
  return category == "tweet" ? "social media" : "general";
}

// The shortest range back from now that it knows and that holds the day.
std::string_view searxng_range(Timestamp from, Timestamp now) {
  using std::chrono::days;
  const auto age = now - from;
  if (age <= days(1)) return "day";
  if (age <= days(30)) return "month";
  return age <= days(365) ? "year" : "";
}

HttpCall searxng_request(const SearchQuery& query, const std::string& url, const std::string&,
                         SearchNotes& notes) {
  const std::string_view category = searxng_category(query.category);
  if (!query.category.empty() && category == "general" && query.category != "pdf"
      && sites_of_category(query.category).empty())
    notes.push_back(note_on_category(searxng_title, query.category));
  if (query.include_text)
    notes.emplace_back("SearXNG returns no texts of pages: read them with fetch_webpage");
  if (!query.country.empty()) notes.emplace_back("SearXNG takes no user_location");
  if (query.published_from || query.published_to)
    notes.emplace_back("SearXNG does not know the day of every page: those without one are here");
  HttpCall call;
  call.url = url.ends_with("/search") ? url : url + "/search";
  call.url += "?q=" + url_encoded(query_with_operators(query));
  call.url += "&format=json&categories=" + url_encoded(category);
  if (query.published_from)
    if (const auto range = searxng_range(*query.published_from, query.now); !range.empty())
      call.url += "&time_range=" + std::string(range);
  call.headers = {{"Accept", "application/json"}};
  return call;
}

std::optional<std::vector<SearchResult>> read_searxng(const Json& answer) {
  const Json* found = member(answer, "results");
  if (found == nullptr || !found->is_array()) return std::nullopt;
  std::vector<SearchResult> out;
  for (const Json& each : *found) {
    SearchResult result;
    result.title = text_member(each, "title");
    result.url = text_member(each, "url");
    result.published_date = text_member(each, "publishedDate");
    result.author = text_member(each, "author");
    if (const auto text = text_member(each, "content"); !text.empty())
      result.highlights.emplace_back(text);
    out.push_back(std::move(result));
  }
  return out;
}

}  // namespace

SearchProvider searxng_search() {
  return {.name = "searxng",
          .title = searxng_title,
          .key_variable = "",
          .url = "",
          .is_filtered_here = true,
          .request = searxng_request,
          .read = read_searxng};
}

}  // namespace reverie
