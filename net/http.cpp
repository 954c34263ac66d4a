#include "net/http.hpp"

#include "runtime/text.hpp"

#include <algorithm>
#include <array>

namespace reverie {

namespace {

constexpr std::array<std::pair<std::string_view, Method>, 7> methods{{
  {"GET", Method::get},
  {"POST", Method::post},
  {"PUT", Method::put},
  {"PATCH", Method::patch},
  {"DELETE", Method::del},
  {"HEAD", Method::head},
  {"OPTIONS", Method::options},
}};

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// "http://host/path" -> "/path": proxies may send the whole address.
std::string_view without_authority(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!target.starts_with(scheme)) continue;
    const auto slash = target.find('/', scheme.size());
    return slash == std::string_view::npos ? std::string_view("/") : target.substr(slash);
  }
  return target;
}

Status read_query(std::string_view text, Query& query) {
  while (!text.empty()) {
    const auto end = text.find('&');
    const auto pair = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (pair.empty()) continue;
    const auto equals = pair.find('=');
    REVERIE_TRY(std::string name, percent_decode(pair.substr(0, equals), true));
    std::string value;
    if (equals != std::string_view::npos) {
      REVERIE_TRY(value, percent_decode(pair.substr(equals + 1), true));
    }
    query.emplace_back(std::move(name), std::move(value));
  }
  return {};
}

Status read_path(std::string_view path, HttpRequest& request) {
  request.path.clear();
  request.segments.clear();
  if (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  path.remove_prefix(1);
  while (!path.empty()) {
    const auto end = path.find('/');
    REVERIE_TRY(std::string segment, percent_decode(path.substr(0, end), false));
    if (request.segments.empty() && segment == "latest") segment = "v1";
    request.path += '/';
    request.path += segment;
    request.segments.push_back(std::move(segment));
    if (end == std::string_view::npos) break;
    path.remove_prefix(end + 1);
    if (path.empty()) request.segments.emplace_back();  // a second slash at the end is no path
  }
  if (request.path.empty()) request.path = "/";
  return {};
}

}  // namespace

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  return out;
}

std::string_view to_string(Method method) {
  for (const auto& [name, value] : methods)
    if (value == method) return name;
  return "OTHER";
}

Method method_of(std::string_view text) {
  for (const auto& [name, value] : methods)
    if (name == text) return value;
  return Method::other;
}

const std::string* Headers::find(std::string_view name) const {
  for (const Header& header : all_)
    if (header.name == name) return &header.value;
  return nullptr;
}

std::string_view Headers::get(std::string_view name) const {
  const std::string* value = find(name);
  return value ? std::string_view(*value) : std::string_view();
}

void Headers::add(std::string_view name, std::string value) {
  all_.push_back({lower_case(name), std::move(value)});
}

void Headers::set(std::string_view name, std::string value) {
  const std::string wanted = lower_case(name);
  std::erase_if(all_, [&](const Header& header) { return header.name == wanted; });
  all_.push_back({wanted, std::move(value)});
}

Result<std::string> percent_decode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      const bool is_whole = i + 2 < text.size();
      const int high = is_whole ? hex_value(text[i + 1]) : -1;
      const int low = is_whole ? hex_value(text[i + 2]) : -1;
      if (high < 0 || low < 0)
        return Error{Errc::bad_request, "The address has a broken percent code", "target"};
      c = static_cast<char>(high * 16 + low);
      i += 2;
    } else if (c == '+' && plus_is_space) {
      c = ' ';
    }
    if (c == '\0') return Error{Errc::bad_request, "The address has a zero byte", "target"};
    out += c;
  }
  if (!is_utf8(out)) return Error{Errc::bad_request, "The address is not UTF-8", "target"};
  return out;
}

Status read_target(std::string_view target, std::string_view prefix, HttpRequest& request) {
  target = without_authority(target);
  target = target.substr(0, target.find('#'));
  const auto question = target.find('?');
  std::string_view path = target.substr(0, question);
  if (path == "*") path = "/*";  // OPTIONS * names no path of ours
  if (!path.starts_with('/'))
    return Error{Errc::bad_request, "The address does not start with a slash", "target"};
  if (!prefix.empty() && path.starts_with(prefix)
      && (path.size() == prefix.size() || path[prefix.size()] == '/'))
    path.remove_prefix(prefix.size());
  REVERIE_CHECK(read_path(path.empty() ? std::string_view("/") : path, request));
  request.query.clear();
  if (question == std::string_view::npos) return {};
  return read_query(target.substr(question + 1), request.query);
}

const std::string* find_query(const Query& query, std::string_view name) {
  const auto found = std::find_if(query.rbegin(), query.rend(),
                                  [&](const auto& pair) { return pair.first == name; });
  return found == query.rend() ? nullptr : &found->second;
}

std::string_view reason_phrase(int status) {
  switch (status) {
    case 100: return "Continue";
    case 101: return "Switching Protocols";
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 304: return "Not Modified";
    case 307: return "Temporary Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 402: return "Payment Required";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 413: return "Content Too Large";
    case 415: return "Unsupported Media Type";
    case 422: return "Unprocessable Entity";
    case 426: return "Upgrade Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    default: return "Status";
  }
}

}  // namespace reverie
