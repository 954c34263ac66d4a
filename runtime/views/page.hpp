// Pages of a derived family, in its order or against it.

#pragma once

#include "config/error.hpp"
#include "config/ids.hpp"
#include "storage/store.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reverie {

// What a client asks of a list. Cursors are relative to the order that it asked for.
struct PageRequest {
  std::optional<std::string> before;  // id
  std::optional<std::string> after;   // id
  std::size_t limit = 50;
  bool is_ascending = false;
};

// Reads limit, order, before and after of any list request. Errors: invalid_argument.
template <class Request>
Result<PageRequest> page_request(const Request& request, std::int64_t limit_default,
                                 bool is_ascending_default);

Result<PageRequest> page_request(const std::optional<std::string>& before,
                                 const std::optional<std::string>& after,
                                 const std::optional<std::int64_t>& limit,
                                 const std::optional<std::string>& order,
                                 std::int64_t limit_default, bool is_ascending_default);

struct IndexRow {
  std::string key;    // as stored
  std::string value;  // as stored
};

// The rows whose key starts with `prefix` and that `keep` wants, at most page.limit. The cursor
// keys are whole keys, which need not be there. Costs a step of about 1 us for each row that is
// passed over. Errors: unavailable, corruption.
struct IndexPage {
  std::string_view family;
  std::string prefix;
  std::optional<std::string> after = {};   // key
  std::optional<std::string> before = {};  // key
  std::size_t limit = 50;
  bool is_ascending = false;
};
using KeepRow = std::function<bool(std::string_view key, std::string_view value)>;
Result<std::vector<IndexRow>> read_page(const Store& store, const IndexPage& page,
                                        const KeepRow& keep);

// The id that a key ends with, of an object of this kind.
std::string last_id(std::string_view key, Prefix prefix);

template <class Request>
Result<PageRequest> page_request(const Request& request, std::int64_t limit_default,
                                 bool is_ascending_default) {
  return page_request(request.before, request.after, request.limit, request.order, limit_default,
                      is_ascending_default);
}

}  // namespace reverie
