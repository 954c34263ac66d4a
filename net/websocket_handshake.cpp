#include "net/websocket_handshake.hpp"

#include "config/base64.hpp"

#include <algorithm>
#include <vector>

namespace reverie {

namespace {

constexpr std::string_view token_protocol = "reverie.token.";
constexpr std::size_t key_bytes = 16;  // RFC 6455 §4.1

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t";
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

// The parts between the commas of all headers of this name.
std::vector<std::string_view> tokens(const HttpRequest& request, std::string_view name) {
  std::vector<std::string_view> out;
  for (const Header& header : request.headers) {
    if (header.name != name) continue;
    for (std::string_view rest = header.value; !rest.empty();) {
      const auto comma = rest.find(',');
      if (const auto token = trimmed(rest.substr(0, comma)); !token.empty()) out.push_back(token);
      rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
    }
  }
  return out;
}

bool names(const HttpRequest& request, std::string_view header, std::string_view token) {
  const auto all = tokens(request, header);
  return std::any_of(all.begin(), all.end(),
                     [&](std::string_view each) { return lower_case(each) == token; });
}

// Base64 for addresses and names, without padding (RFC 4648 §5).
std::optional<std::string> from_base64url(std::string_view text) {
  std::string plain(text);
  std::replace(plain.begin(), plain.end(), '-', '+');
  std::replace(plain.begin(), plain.end(), '_', '/');
  while (plain.size() % 4 != 0) plain += '=';
  return from_base64(plain);
}

bool is_key(std::string_view key) {
  return is_base64(key) && base64_bytes(key) == key_bytes;
}

HttpResponse upgrade_required() {
  HttpResponse response = detail_response(426, "This address speaks WebSocket, version 13");
  response.headers.add("upgrade", "websocket");
  response.headers.add("sec-websocket-version", "13");
  return response;
}

std::optional<HttpResponse> refusal_of(const HttpRequest& request) {
  if (request.method != Method::get) {
    HttpResponse response = detail_response(405, "Method Not Allowed");
    response.headers.add("allow", "GET");
    return response;
  }
  if (!names(request, "upgrade", "websocket")
      || request.headers.get("sec-websocket-version") != "13")
    return upgrade_required();
  if (!names(request, "connection", "upgrade"))
    return detail_response(400, "The header Connection does not say upgrade");
  if (!is_key(request.headers.get("sec-websocket-key")))
    return detail_response(400, "The header Sec-WebSocket-Key is no base64 of 16 bytes");
  return std::nullopt;
}

}  // namespace

std::optional<std::string> offered_token(const HttpRequest& request) {
  for (const std::string_view protocol : tokens(request, "sec-websocket-protocol"))
    if (protocol.starts_with(token_protocol))
      return from_base64url(protocol.substr(token_protocol.size())).value_or("");
  return std::nullopt;
}

HandshakeReading read_handshake(const HttpRequest& request) {
  HandshakeReading out;
  out.refusal = refusal_of(request);
  if (out.refusal) return out;
  out.handshake.key = request.headers.get("sec-websocket-key");
  const auto offered = tokens(request, "sec-websocket-protocol");
  if (std::find(offered.begin(), offered.end(), websocket_protocol) != offered.end())
    out.handshake.protocol = websocket_protocol;
  else if (!offered.empty())  // a browser would end a socket whose protocol nobody has chosen
    out.refusal =
      detail_response(400, "Of the protocols in Sec-WebSocket-Protocol one has to be reverie.v1");
  return out;
}

}  // namespace reverie
