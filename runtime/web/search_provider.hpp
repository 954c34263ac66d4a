// Who answers web_search: what a vendor is asked, and what its answer means. One file for each.

#pragma once

#include "config/clock.hpp"
#include "runtime/http_client.hpp"
#include "runtime/llm/json_access.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reverie {

// The arguments of the tool, checked.
struct SearchQuery {
  std::string text;
  std::int64_t results_max = 10;  // 1 to 100
  std::string category;           // one of the tool's nine; empty: any
  bool include_text = false;
  std::vector<std::string> include_domains;
  std::vector<std::string> exclude_domains;
  std::optional<Timestamp> published_from;  // UTC
  std::optional<Timestamp> published_to;
  std::string country;                  // two capital letters; empty: any
  std::int64_t text_chars_max = 4'000;  // of each result's text, in code points
  Timestamp now;
};

struct SearchResult {
  std::string title;
  std::string url;
  std::string published_date;  // as the vendor writes it; empty: unknown
  std::string author;
  std::string text;
  std::vector<std::string> highlights;
};

// What a provider was asked to do and cannot, in sentences for the model.
using SearchNotes = std::vector<std::string>;

struct SearchProvider {
  std::string_view name;          // in the setting
  std::string_view title;         // for people
  std::string_view key_variable;  // empty: it has no key
  std::string_view url;           // its own; empty: web.search_url says it
  // It may find pages of other sites and days, which are then left out of its results.
  bool is_filtered_here = false;
  // Headers, method, body; the time and size limits are set later.
  HttpCall (*request)(const SearchQuery& query, const std::string& url, const std::string& key,
                      SearchNotes& notes);
  // `answer` is JSON of any shape. Nothing when it is no answer of this provider.
  std::optional<std::vector<SearchResult>> (*read)(const Json& answer);
};

// In the order in which `auto` looks for one.
const std::vector<SearchProvider>& search_providers();
const SearchProvider* find_search_provider(std::string_view name);  // null: there is none

SearchProvider exa_search();      // search_exa.cpp
SearchProvider tavily_search();   // search_tavily.cpp
SearchProvider brave_search();    // search_brave.cpp
SearchProvider searxng_search();  // search_searxng.cpp

// What the providers share.

std::string day_text(Timestamp time);  // "2026-11-28"

// The sites that a category of pages is found on: github, tweet, linkedin profile; else none.
std::vector<std::string> sites_of_category(std::string_view category);

// Without what is around the host: "https://www.example.org/" is "example.org".
std::string bare_domain(std::string_view domain);

// The query with the operators that search engines know: site:, -site:, filetype:pdf.
std::string query_with_operators(const SearchQuery& query);

std::string note_on_category(std::string_view provider, std::string_view category);

// The texts of an array; whatever else is in it is left out.
std::vector<std::string> texts_in(const Json* array);

}  // namespace reverie
