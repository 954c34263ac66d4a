// A request as the service sees it, free of any HTTP library.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reverie::scripted {

struct HttpRequest {
  std::string method;
  std::string path;
  std::string query;                                         // behind the question mark, as it came
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string body;
  bool keeps_alive = true;

  bool has_header(std::string_view name) const;

  // A query parameter with its escapes resolved; empty if there is none.
  std::string parameter(std::string_view name) const;
};

}  // namespace reverie::scripted
