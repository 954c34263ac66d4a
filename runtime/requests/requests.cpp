#include "runtime/requests/requests.hpp"

namespace reverie {

Request::Request() = default;
Request::Request(const Request& other) = default;
Request::Request(Request&& other) noexcept = default;
Request& Request::operator=(const Request& other) = default;
Request& Request::operator=(Request&& other) noexcept = default;
Request::~Request() = default;
bool Request::operator==(const Request& other) const = default;

Owner Request::owner() const {
  return std::visit([]<class T>(const T&) { return T::owner; }, value_);
}

void BytesOf<Request>::put(std::string& out, const Request& value) {
  UnionBytes<AnyRequest>::put(out, value.any());
}

bool BytesOf<Request>::take(std::string_view in, Request& value) {
  return UnionBytes<AnyRequest>::take(in, value.any());
}

}  // namespace reverie
