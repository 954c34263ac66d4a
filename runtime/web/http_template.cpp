#include "runtime/web/http_template.hpp"

#include "config/json_text.hpp"
#include "runtime/text.hpp"
#include "runtime/web/content_type.hpp"
#include "runtime/web/web_url.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace reverie {

namespace {

constexpr std::array<std::string_view, 6> methods = {"GET", "HEAD", "POST", "PUT", "PATCH",
                                                     "DELETE"};
// What the connection sets by itself, and what would be another request to a server in between.
constexpr std::array<std::string_view, 7> own_headers = {
  "host", "content-length", "transfer-encoding", "connection", "te", "upgrade", "expect"};

Error wrong_line(std::size_t number, std::string message) {
  return {Errc::bad_request, "line " + std::to_string(number) + ": " + std::move(message),
          "source_code"};
}

Error wrong_argument(std::string message) {
  return {Errc::invalid_argument, std::move(message), ""};
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_name_character(char c) {
  return is_letter(c) || (c >= '0' && c <= '9');
}

// The name in "{name}" at the start of the text; empty when there is no gap.
std::string_view gap_at(std::string_view text) {
  if (text.size() < 3 || text[0] != '{' || !is_letter(text[1])) return {};
  const auto end = std::find_if_not(text.begin() + 1, text.end(), is_name_character);
  if (end == text.end() || *end != '}') return {};
  return text.substr(1, static_cast<std::size_t>(end - text.begin()) - 1);
}

// Cuts the next line off, without its end.
std::string_view take_line(std::string_view& text) {
  const std::size_t size = std::min(text.find('\n'), text.size());
  std::string_view line = text.substr(0, size);
  text.remove_prefix(std::min(size + 1, text.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

bool is_token(std::string_view text) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return is_name_character(c) || marks.find(c) != std::string_view::npos;
  });
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
  });
}

const Json* present(const Json& arguments, const std::string& name) {
  const auto found = arguments.find(name);
  return found == arguments.end() || found->is_null() ? nullptr : &*found;
}

std::string compact(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string plain_text(const Json& value) {
  return value.is_string() ? value.get<std::string>() : compact(value);
}

// As within the quotes of a JSON string.
std::string json_inner(std::string_view text) {
  std::string quoted;
  append_json_string(quoted, text);
  return quoted.substr(1, quoted.size() - 2);
}

std::string as_it_is(std::string_view text) {
  return std::string(text);
}

// Follows JSON text to know whether its end is within a string.
class StringState {
 public:
  void read(std::string_view text) {
    for (const char c : text) {
      if (is_escaped_)
        is_escaped_ = false;
      else if (is_inside_ && c == '\\')
        is_escaped_ = true;
      else if (c == '"')
        is_inside_ = !is_inside_;
    }
  }
  bool is_inside() const { return is_inside_; }

 private:
  bool is_inside_ = false;
  bool is_escaped_ = false;
};

}  // namespace

// One set of arguments and variables.
class HttpTemplate::Filling {
 public:
  using Encode = std::string (*)(std::string_view);

  Filling(const Json& arguments, const std::map<std::string, std::string>& variables)
    : arguments_(arguments), variables_(variables) {}

  // Nothing when an argument is absent. `item` stands for the argument that is a list.
  Result<std::optional<std::string>> fill(const Parts& parts, Encode encode,
                                          const Json* item = nullptr) const {
    std::string out;
    for (const Part& part : parts) {
      if (part.kind == Kind::text) {
        out += part.text;
      } else if (part.kind == Kind::variable) {
        REVERIE_TRY(const std::string_view value, variable(part.text));
        out += encode(value);
      } else {
        const Json* value = present(arguments_, part.text);
        if (value == nullptr) return std::optional<std::string>();
        if (item != nullptr && value->is_array()) value = item;
        out += encode(plain_text(*value));
      }
    }
    return std::optional(std::move(out));
  }

  // "a=1&b=2", without those whose argument is absent; a list repeats its parameter.
  Result<std::string> parameters(const std::vector<Parts>& all) const {
    std::string out;
    const auto add = [&](const std::optional<std::string>& filled) {
      if (!filled || filled->empty()) return;
      if (!out.empty()) out += '&';
      out += *filled;
    };
    for (const Parts& each : all) {
      const Json* list = list_in(each);
      if (list == nullptr) {
        REVERIE_TRY(const auto filled, fill(each, url_encoded));
        add(filled);
        continue;
      }
      for (const Json& item : *list) {
        REVERIE_TRY(const auto filled, fill(each, url_encoded, &item));
        add(filled);
      }
    }
    return out;
  }

  Result<std::string> json(const Parts& body) const {
    std::string out;
    StringState state;
    for (const Part& part : body) {
      if (part.kind == Kind::text) {
        state.read(part.text);
        out += part.text;
        continue;
      }
      Json value;
      if (part.kind == Kind::variable) {
        REVERIE_TRY(const std::string_view text, variable(part.text));
        value = std::string(text);
      } else if (const Json* argument = present(arguments_, part.text)) {
        value = *argument;
      }
      if (!state.is_inside())
        out += compact(value);
      else if (!value.is_null())
        out += json_inner(plain_text(value));
    }
    return out;
  }

  Result<std::string> other(const Parts& body) const {
    std::string out;
    for (const Part& part : body) {
      REVERIE_TRY(const auto filled, fill({part}, as_it_is));
      out += filled.value_or("");
    }
    return out;
  }

 private:
  Result<std::string_view> variable(const std::string& name) const {
    const auto found = variables_.find(name);
    if (found != variables_.end()) return std::string_view(found->second);
    return Error{Errc::not_found, "the agent has no secret or variable '" + name + "'", name};
  }

  const Json* list_in(const Parts& parts) const {
    for (const Part& part : parts)
      if (part.kind == Kind::argument)
        if (const Json* value = present(arguments_, part.text); value && value->is_array())
          return value;
    return nullptr;
  }

  const Json& arguments_;
  const std::map<std::string, std::string>& variables_;
};

HttpTemplate::Parts HttpTemplate::parts_of(std::string_view text) {
  Parts parts;
  const auto add = [&](Kind kind, std::string_view piece) {
    if (kind == Kind::text && !parts.empty() && parts.back().kind == Kind::text)
      parts.back().text += piece;
    else
      parts.push_back({kind, std::string(piece)});
  };
  while (!text.empty()) {
    const bool is_variable = text.starts_with("${");
    const std::string_view name = gap_at(text.substr(is_variable ? 1 : 0));
    if (name.empty()) {
      add(Kind::text, text.substr(0, 1));
      text.remove_prefix(1);
    } else {
      add(is_variable ? Kind::variable : Kind::argument, name);
      text.remove_prefix(name.size() + (is_variable ? 3 : 2));
    }
  }
  return parts;
}

std::vector<HttpTemplate::Parts> HttpTemplate::split(const Parts& parts, char separator) {
  std::vector<Parts> out(1);
  for (const Part& part : parts) {
    if (part.kind != Kind::text) {
      out.back().push_back(part);
      continue;
    }
    std::string_view text = part.text;
    for (;;) {
      const std::size_t at = text.find(separator);
      if (const auto piece = text.substr(0, at); !piece.empty())
        out.back().push_back({Kind::text, std::string(piece)});
      if (at == std::string_view::npos) break;
      out.emplace_back();
      text.remove_prefix(at + 1);
    }
  }
  return out;
}

void HttpTemplate::note_gaps(const Parts& parts) {
  for (const Part& part : parts)
    if (part.kind == Kind::argument) arguments_.insert(part.text);
}

Status HttpTemplate::read_request_line(std::string_view line) {
  const std::size_t blank = line.find(' ');
  method_ = line.substr(0, blank);
  if (std::find(methods.begin(), methods.end(), method_) == methods.end())
    return wrong_line(1, "expected GET, HEAD, POST, PUT, PATCH or DELETE and a URL");
  const std::string_view url = stripped(line.substr(std::min(blank, line.size())));
  const std::size_t authority = url.find("://");
  if (authority == std::string_view::npos)
    return wrong_line(1, "expected a URL such as https://api.example.com/v1/items");
  const std::size_t end = std::min(url.find_first_of("/?#", authority + 3), url.size());
  origin_ = url.substr(0, end);
  if (origin_.find_first_of("{}$") != std::string::npos)
    return wrong_line(1, "the host of a request has no gaps");
  if (auto parsed = parse_web_url(origin_ + "/"); !parsed)
    return wrong_line(1, std::move(parsed).error().message);
  std::string_view rest = url.substr(end);
  rest = rest.substr(0, rest.find('#'));
  if (rest.find_first_of(" \t") != std::string_view::npos)
    return wrong_line(1, "the URL holds a blank: write it as %20");
  const std::size_t question = rest.find('?');
  std::string_view path = rest.substr(0, question);
  if (path.starts_with('/')) path.remove_prefix(1);
  path_ = split(parts_of(path), '/');
  if (question != std::string_view::npos)
    query_ = split(parts_of(rest.substr(question + 1)), '&');
  for (const auto* list : {&path_, &query_})
    for (const Parts& parts : *list) note_gaps(parts);
  return {};
}

Status HttpTemplate::read_header(std::string_view line, std::size_t number) {
  const std::size_t colon = line.find(':');
  const std::string_view name = line.substr(0, colon);
  if (colon == std::string_view::npos || !is_token(name))
    return wrong_line(number, "expected a header such as Accept: application/json");
  if (std::find(own_headers.begin(), own_headers.end(), lower_ascii(name)) != own_headers.end())
    return wrong_line(number, "the header " + std::string(name) + " is the connection's own");
  const std::string_view value = stripped(line.substr(colon + 1));
  if (has_control(value)) return wrong_line(number, "the header holds a control character");
  headers_.push_back({std::string(name), parts_of(value)});
  note_gaps(headers_.back().value);
  return {};
}

Status HttpTemplate::read_body(std::string_view text) {
  const auto type = std::find_if(headers_.begin(), headers_.end(), [](const Header& each) {
    return lower_ascii(each.name) == "content-type";
  });
  std::string said;
  if (type != headers_.end()) {
    if (type->value.size() != 1 || type->value.front().kind != Kind::text)
      return Error{Errc::bad_request, "the Content-Type is said, and has no gaps", "source_code"};
    said = media_type(type->value.front().text);
  }
  if (said == "application/x-www-form-urlencoded")
    body_kind_ = BodyKind::form;
  else if (!said.empty() && said != "application/json" && !said.ends_with("+json"))
    body_kind_ = BodyKind::other;
  text = stripped(text);
  body_ = parts_of(text);
  note_gaps(body_);
  if (body_.empty() || body_kind_ != BodyKind::json) return {};
  if (is_too_deep(text)) return Error{Errc::bad_request, "the body is nested too deep", "body"};
  std::string sample;  // each gap is a value, or a text within a string
  StringState state;
  for (const Part& part : body_) {
    if (part.kind == Kind::text) state.read(part.text);
    sample += part.kind == Kind::text ? part.text : state.is_inside() ? "x" : "null";
  }
  if (!Json::accept(sample))
    return Error{Errc::bad_request,
                 "the body is no JSON; a Content-Type header says what else it is", "source_code"};
  return {};
}

Result<HttpTemplate> HttpTemplate::parse(std::string_view source) {
  HttpTemplate out;
  std::size_t number = 1;
  std::string_view rest = source.substr(std::min(source.find_first_not_of(" \t\r\n"), source.size()));
  REVERIE_CHECK(out.read_request_line(take_line(rest)));
  while (!rest.empty()) {
    const std::string_view line = take_line(rest);
    ++number;
    if (is_blank(line)) break;
    REVERIE_CHECK(out.read_header(line, number));
  }
  REVERIE_CHECK(out.read_body(rest));
  if (out.has_body() && out.is_safe())
    return wrong_line(number + 1, "a " + out.method_ + " has no body");
  return out;
}

Result<FilledRequest> HttpTemplate::fill(const Json& arguments,
                                         const std::map<std::string, std::string>& variables) const {
  const Filling filling(arguments, variables);
  FilledRequest out;
  out.method = method_;
  out.url = origin_;
  for (const Parts& segment : path_) {
    REVERIE_TRY(const auto filled, filling.fill(segment, url_encoded));
    const bool has_gap = std::any_of(segment.begin(), segment.end(),
                                     [](const Part& part) { return part.kind != Kind::text; });
    if (!filled) return wrong_argument("an argument that is a part of the path is missing");
    if (has_gap && (filled->empty() || *filled == "." || *filled == ".."))
      return wrong_argument("'" + *filled + "' cannot be a part of a path");
    out.url += '/' + *filled;
  }
  REVERIE_TRY(std::string query, filling.parameters(query_));

  Json left = Json::object();
  std::vector<Parts> left_parameters;
  for (const auto& [name, value] : arguments.items()) {
    if (has_body() || arguments_.contains(name) || value.is_null()) continue;
    left[name] = value;
    left_parameters.push_back({{Kind::text, url_encoded(name) + "="}, {Kind::argument, name}});
  }
  if (has_query_alone()) {
    REVERIE_TRY(const std::string added, filling.parameters(left_parameters));
    if (!query.empty() && !added.empty()) query += '&';
    query += added;
  }
  if (!query.empty()) out.url += '?' + query;
  if (auto url = parse_web_url(out.url); !url)
    return wrong_argument(std::move(url).error().message);

  bool has_type = false;
  for (const Header& header : headers_) {
    has_type |= lower_ascii(header.name) == "content-type";
    REVERIE_TRY(const auto value, filling.fill(header.value, as_it_is));
    if (!value) continue;
    if (has_control(*value))
      return wrong_argument("the header " + header.name + " holds a control character");
    out.headers.push_back({header.name, *value});
  }
  if (has_body()) {
    auto body = body_kind_ == BodyKind::json   ? filling.json(body_)
                : body_kind_ == BodyKind::form ? filling.parameters(split(body_, '&'))
                                               : filling.other(body_);
    REVERIE_TRY(out.body, std::move(body));
  } else if (!has_query_alone() && body_kind_ == BodyKind::json) {
    out.body = compact(left);
  } else if (!has_query_alone() && body_kind_ == BodyKind::form) {
    REVERIE_TRY(out.body, filling.parameters(left_parameters));
  }
  if (!out.body.empty() && !has_type)
    out.headers.push_back({"Content-Type", "application/json"});
  return out;
}

Status check_gaps(const HttpTemplate& request, const nlohmann::ordered_json& parameters) {
  const auto declared = parameters.find("properties");
  const auto is_declared = [&](const std::string& name) {
    return declared != parameters.end() && declared->is_object() && declared->contains(name);
  };
  for (const std::string& name : request.arguments())
    if (!is_declared(name))
      return Error{Errc::bad_request, "{" + name + "} is no parameter of the schema",
                   "source_code"};
  if (request.takes_the_rest() || declared == parameters.end()) return {};
  for (const auto& [name, schema] : declared->items())
    if (!request.arguments().contains(name))
      return Error{Errc::bad_request, "the parameter '" + name + "' is in no gap of the request",
                   "source_code"};
  return {};
}

}  // namespace reverie
