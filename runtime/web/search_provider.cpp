#include "runtime/web/search_provider.hpp"

#include "runtime/text.hpp"

#include <algorithm>

namespace reverie {

const std::vector<SearchProvider>& search_providers() {
  static const std::vector<SearchProvider> all = {searxng_search(), exa_search(), tavily_search(),
                                                  brave_search()};
  return all;
}

const SearchProvider* find_search_provider(std::string_view name) {
  const auto& all = search_providers();
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const SearchProvider& each) { return each.name == name; });
  return found == all.end() ? nullptr : &*found;
}

std::string day_text(Timestamp time) {
  return to_rfc3339(time).substr(0, std::string_view("YYYY-MM-DD").size());
}

std::vector<std::string> sites_of_category(std::string_view category) {
  if (category == "github") return {"github.com"};
  if (category == "tweet") return {"x.com", "twitter.com"};
  if (category == "linkedin profile") return {"linkedin.com"};
  return {};
}

std::string bare_domain(std::string_view domain) {
  if (const auto scheme = domain.find("://"); scheme != std::string_view::npos)
    domain.remove_prefix(scheme + 3);
  domain = domain.substr(0, domain.find('/'));
  for (const std::string_view prefix : {"*.", "www."})
    if (domain.starts_with(prefix)) domain.remove_prefix(prefix.size());
  return lower_ascii(domain);
}

std::string query_with_operators(const SearchQuery& query) {
  const std::vector<std::string> sites =
    query.include_domains.empty() ? sites_of_category(query.category) : query.include_domains;
  std::string out = query.text;
  if (query.category == "pdf") out += " filetype:pdf";
  if (!sites.empty()) {
    std::string any;
    for (const std::string& site : sites)
      any += (any.empty() ? "site:" : " OR site:") + bare_domain(site);
    out += sites.size() == 1 ? " " + any : " (" + any + ")";
  }
  for (const std::string& site : query.exclude_domains) out += " -site:" + bare_domain(site);
  return out;
}

std::string note_on_category(std::string_view provider, std::string_view category) {
  return std::string(provider) + " has no category '" + std::string(category)
         + "': these are results of any kind";
}

std::vector<std::string> texts_in(const Json* array) {
  std::vector<std::string> out;
  if (array == nullptr || !array->is_array()) return out;
  for (const Json& each : *array)
    if (each.is_string() && !each.get_ref<const std::string&>().empty())
      out.push_back(each.get<std::string>());
  return out;
}

}  // namespace reverie
