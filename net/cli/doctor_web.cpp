#include "net/cli/doctor_checks.hpp"

#include "runtime/address_guard.hpp"
#include "runtime/web/web_search.hpp"
#include "runtime/web/web_url.hpp"

#include <utility>

namespace reverie {
namespace {

using Level = Finding::Level;

Finding search_finding(const WebSettings& settings) {
  auto choice = choose_search(settings, {});
  if (choice)
    return {Level::ok, "web",
            "web_search: " + std::string(choice->provider->title) + " at " + choice->url};
  if (settings.search_provider == "auto")
    return {Level::info, "web", "web_search: no provider",
            "EXA_API_KEY=... or TAVILY_API_KEY=... or BRAVE_API_KEY=..., or web.search_url for a "
            "SearXNG"};
  if (settings.search_provider == "none")
    return {Level::info, "web", "web_search: turned off by web.search_provider"};
  return {Level::note, "web", std::move(choice).error().message};
}

Finding problem_with(std::string_view setting, const Error& error) {
  return {Level::problem, "web", std::string(setting) + ": " + error.message};
}

}  // namespace

std::vector<Finding> check_web(const WebSettings& settings) {
  std::vector<Finding> findings{search_finding(settings)};
  if (const auto guard = AddressGuard::with_networks(settings.allowed_networks); !guard)
    findings.push_back(problem_with("web.allowed_networks", guard.error()));
  if (const auto ports = PortSet::parse(settings.ports); !ports)
    findings.push_back(problem_with("web.ports", ports.error()));
  return findings;
}

}  // namespace reverie
