// https://docs.tavily.com/documentation/api-reference/endpoint/search

#include "runtime/web/search_provider.hpp"

#include <algorithm>
#include <array>

namespace reverie {

namespace {

constexpr std::string_view tavily_title = "Tavily";
constexpr std::int64_t tavily_results_max = 20;

struct Country {
  std::string_view code;  // ISO 3166-1
  std::string_view name;  // Tavily's
};

// Of Tavily's countries, those that are spelt in one way only.
constexpr std::array tavily_countries = {
  Country{"AR", "argentina"},     Country{"AT", "austria"},        Country{"AU", "australia"},
  Country{"BD", "bangladesh"},    Country{"BE", "belgium"},        Country{"BG", "bulgaria"},
  Country{"BR", "brazil"},        Country{"CA", "canada"},         Country{"CH", "switzerland"},
  Country{"CL", "chile"},         Country{"CN", "china"},          Country{"CO", "colombia"},
  Country{"CR", "costa rica"},    Country{"CY", "cyprus"},         Country{"DE", "germany"},
  Country{"DK", "denmark"},       Country{"EC", "ecuador"},        Country{"EE", "estonia"},
  Country{"EG", "egypt"},         Country{"ES", "spain"},          Country{"FI", "finland"},
  Country{"FR", "france"},        Country{"GB", "united kingdom"}, Country{"GR", "greece"},
  Country{"HR", "croatia"},       Country{"HU", "hungary"},        Country{"ID", "indonesia"},
  Country{"IE", "ireland"},       Country{"IL", "israel"},         Country{"IN", "india"},
  Country{"IS", "iceland"},       Country{"IT", "italy"},          Country{"JP", "japan"},
  Country{"KE", "kenya"},         Country{"KR", "south korea"},    Country{"LT", "lithuania"},
  Country{"LU", "luxembourg"},    Country{"LV", "latvia"},         Country{"MA", "morocco"},
  Country{"MX", "mexico"},        Country{"MY", "malaysia"},       Country{"NG", "nigeria"},
  Country{"NL", "netherlands"},   Country{"NO", "norway"},         Country{"NZ", "new zealand"},
  Country{"PE", "peru"},          Country{"PH", "philippines"},    Country{"PK", "pakistan"},
  Country{"PL", "poland"},        Country{"PT", "portugal"},       Country{"RO", "romania"},
  Country{"RS", "serbia"},        Country{"SA", "saudi arabia"},   Country{"SE", "sweden"},
  Country{"SG", "singapore"},     Country{"SI", "slovenia"},       Country{"SK", "slovakia"},
  Country{"TH", "thailand"},      Country{"TN", "tunisia"},        Country{"UA", "ukraine"},
  Country{"US", "united states"}, Country{"UY", "uruguay"},        Country{"ZA", "south africa"},
};

std::string_view tavily_topic(std::string_view category) {
  if (category == "news") return "news";
  return category == "financial report" ? "finance" : "general";
}

// Tavily takes a country for general searches alone.
void add_tavily_country(Json& body, const SearchQuery& query, std::string_view topic,
                        SearchNotes& notes) {
  if (query.country.empty()) return;
  const auto found = std::find_if(tavily_countries.begin(), tavily_countries.end(),
                                  [&](const Country& each) { return each.code == query.country; });
  if (topic == "general" && found != tavily_countries.end())
    body["country"] = found->name;
  else
    notes.push_back("Tavily was not told of the user_location " + query.country
                    + ": it takes most countries, and those in searches of no category alone");
}

HttpCall tavily_request(const SearchQuery& query, const std::string& url, const std::string& key,
                        SearchNotes& notes) {
  const std::string_view topic = tavily_topic(query.category);
  Json body{{"query", query.text},
            {"search_depth", "basic"},
            {"topic", topic},
            {"max_results", std::min(query.results_max, tavily_results_max)}};
  if (query.results_max > tavily_results_max)
    notes.emplace_back("Tavily returns at most 20 results");
  if (query.include_text) body["include_raw_content"] = "markdown";
  const std::vector<std::string> sites =
    query.include_domains.empty() ? sites_of_category(query.category) : query.include_domains;
  if (!sites.empty()) body["include_domains"] = sites;
  if (!query.exclude_domains.empty()) body["exclude_domains"] = query.exclude_domains;
  if (!query.category.empty() && topic == "general"
      && (sites_of_category(query.category).empty() || !query.include_domains.empty()))
    notes.push_back(note_on_category(tavily_title, query.category));
  if (query.published_from) body["start_date"] = day_text(*query.published_from);
  if (query.published_to) body["end_date"] = day_text(*query.published_to);
  add_tavily_country(body, query, topic, notes);
  HttpCall call;
  call.method = "POST";
  call.url = url + "/search";
  call.headers = {{"Content-Type", "application/json"}, {"Authorization", "Bearer " + key}};
  call.body = body.dump(-1, ' ', false, Json::error_handler_t::replace);
  return call;
}

std::optional<std::vector<SearchResult>> read_tavily(const Json& answer) {
  const Json* found = member(answer, "results");
  if (found == nullptr || !found->is_array()) return std::nullopt;
  std::vector<SearchResult> out;
  for (const Json& each : *found) {
    SearchResult result;
    result.title = text_member(each, "title");
    result.url = text_member(each, "url");
    result.published_date = text_member(each, "published_date");
    result.text = text_member(each, "raw_content");
    if (const auto content = text_member(each, "content"); !content.empty())
      result.highlights.emplace_back(content);
    out.push_back(std::move(result));
  }
  return out;
}

}  // namespace

SearchProvider tavily_search() {
  return {.name = "tavily",
          .title = tavily_title,
          .key_variable = "TAVILY_API_KEY",
          .url = "https://api.tavily.com",
          .request = tavily_request,
          .read = read_tavily};
}

}  // namespace reverie
