// https://exa.ai/docs/reference/search

#include "runtime/web/search_provider.hpp"

#include <algorithm>
#include <array>

namespace reverie {

namespace {

constexpr std::string_view exa_title = "Exa";

// Exa's name of one of the tool's categories; empty when it has none like it.
std::string_view exa_category(std::string_view category) {
  constexpr std::array same = {"company", "research paper", "news",
                               "tweet",   "personal site",  "financial report"};
  if (std::find(same.begin(), same.end(), category) != same.end()) return category;
  return category == "linkedin profile" ? "people" : "";
}

// Filters that Exa refuses together with these two.
bool has_few_filters(std::string_view exa_name) {
  return exa_name == "company" || exa_name == "people";
}

void add_exa_filters(Json& body, const SearchQuery& query, SearchNotes& notes) {
  const std::string_view category = exa_category(query.category);
  std::vector<std::string> sites = query.include_domains;
  if (!category.empty())
    body["category"] = category;
  else if (sites.empty())
    sites = sites_of_category(query.category);
  if (!query.category.empty() && category.empty() && sites.empty())
    notes.push_back(note_on_category(exa_title, query.category));
  if (!sites.empty()) body["includeDomains"] = sites;
  const bool has_more =
    !query.exclude_domains.empty() || query.published_from || query.published_to;
  if (has_few_filters(category)) {
    if (has_more)
      notes.push_back("Exa filters pages of the category '" + query.category
                      + "' neither by date nor by sites to leave out");
    return;
  }
  if (!query.exclude_domains.empty()) body["excludeDomains"] = query.exclude_domains;
  if (query.published_from) body["startPublishedDate"] = to_rfc3339(*query.published_from);
  if (query.published_to) body["endPublishedDate"] = to_rfc3339(*query.published_to);
}

HttpCall exa_request(const SearchQuery& query, const std::string& url, const std::string& key,
                     SearchNotes& notes) {
  Json contents{{"highlights", true}};
  if (query.include_text) contents["text"] = {{"maxCharacters", query.text_chars_max}};
  Json body{{"query", query.text},
            {"type", "auto"},
            {"numResults", query.results_max},
            {"contents", std::move(contents)}};
  add_exa_filters(body, query, notes);
  if (!query.country.empty()) body["userLocation"] = query.country;
  HttpCall call;
  call.method = "POST";
  call.url = url + "/search";
  call.headers = {{"Content-Type", "application/json"}, {"x-api-key", key}};
  call.body = body.dump(-1, ' ', false, Json::error_handler_t::replace);
  return call;
}

std::optional<std::vector<SearchResult>> read_exa(const Json& answer) {
  const Json* found = member(answer, "results");
  if (found == nullptr || !found->is_array()) return std::nullopt;
  std::vector<SearchResult> out;
  for (const Json& each : *found) {
    SearchResult result;
    result.title = text_member(each, "title");
    result.url = text_member(each, "url");
    result.published_date = text_member(each, "publishedDate");
    result.author = text_member(each, "author");
    result.text = text_member(each, "text");
    result.highlights = texts_in(member(each, "highlights"));
    out.push_back(std::move(result));
  }
  return out;
}

}  // namespace

SearchProvider exa_search() {
  return {.name = "exa",
          .title = exa_title,
          .key_variable = "EXA_API_KEY",
          .url = "https://api.exa.ai",
          .request = exa_request,
          .read = read_exa};
}

}  // namespace reverie
