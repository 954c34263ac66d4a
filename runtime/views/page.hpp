// Pages of a derived family, in its order or against it.

#pragma once

#include "config/clock.hpp"
#include "config/error.hpp"
#include "config/ids.hpp"
#include "storage/key.hpp"
#include "storage/store.hpp"

#include <algorithm>
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

  // What stands before a cursor is what comes behind it in the opposite order: the page is read
  // from its end.
  bool is_backwards() const { return before && !after; }
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

// The page of a list that is in memory already, in the order of the request. A cursor that is not
// in the list is none. `id_of(item)` names an item.
template <class T, class IdOf>
void cut_to_page(std::vector<T>& items, const PageRequest& page, IdOf&& id_of) {
  const auto find = [&](const std::string& id) {
    return std::find_if(items.begin(), items.end(),
                        [&](const T& item) { return id_of(item) == id; });
  };
  if (page.after)
    if (const auto cursor = find(*page.after); cursor != items.end())
      items.erase(items.begin(), cursor + 1);
  if (page.before)
    if (const auto cursor = find(*page.before); cursor != items.end())
      items.erase(cursor, items.end());
  if (items.size() > page.limit) items.resize(page.limit);
}

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

// A page of a family whose keys are `org | created_at | id`. `find(id)` reads the record that a
// cursor names. Errors: those of `find`.
template <class Find>
Result<IndexPage> page_by_created(std::string_view family, const std::string& org_id,
                                  const PageRequest& page, Find&& find);

// A key of such a family.
std::string created_key(const std::string& org_id, Timestamp created_at, const std::string& id);

// The id that a key ends with, of an object of this kind.
std::string last_id(std::string_view key, Prefix prefix);

template <class Request>
Result<PageRequest> page_request(const Request& request, std::int64_t limit_default,
                                 bool is_ascending_default) {
  return page_request(request.before, request.after, request.limit, request.order, limit_default,
                      is_ascending_default);
}

template <class Find>
Result<IndexPage> page_by_created(std::string_view family, const std::string& org_id,
                                  const PageRequest& page, Find&& find) {
  const auto key = [&](const std::optional<std::string>& id) -> Result<std::optional<std::string>> {
    if (!id) return std::optional<std::string>{};
    REVERIE_TRY(const auto record, find(*id));
    return std::optional{created_key(record.org_id, record.created_at, record.id)};
  };
  IndexPage rows{family, key_bytes(org_id)};
  REVERIE_TRY(rows.after, key(page.after));
  REVERIE_TRY(rows.before, key(page.before));
  rows.limit = page.limit;
  rows.is_ascending = page.is_ascending;
  return rows;
}

}  // namespace reverie
