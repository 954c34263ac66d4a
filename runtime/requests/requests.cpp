#include "runtime/requests/requests.hpp"

namespace reverie {

void BytesOf<Request>::put(std::string& out, const Request& value) {
  UnionBytes<Request>::put(out, value);
}

bool BytesOf<Request>::take(std::string_view in, Request& value) {
  return UnionBytes<Request>::take(in, value);
}

}  // namespace reverie
