#include "runtime/views/page.hpp"

#include <algorithm>

namespace reverie {

namespace {

// 1000: what the API allows the longest of its lists.
constexpr std::int64_t limit_max = 1'000;

}  // namespace

Result<PageRequest> page_request(const std::optional<std::string>& before,
                                 const std::optional<std::string>& after,
                                 const std::optional<std::int64_t>& limit,
                                 const std::optional<std::string>& order,
                                 std::int64_t limit_default, bool is_ascending_default) {
  PageRequest page{before, after, 0, is_ascending_default};
  const std::int64_t wanted = limit.value_or(limit_default);
  if (wanted < 0 || wanted > limit_max)
    return Error{Errc::invalid_argument, "expected 0 to " + std::to_string(limit_max),
                 "query.limit"};
  page.limit = static_cast<std::size_t>(wanted);
  if (order) {
    if (*order != "asc" && *order != "desc")
      return Error{Errc::invalid_argument, "expected asc or desc, got '" + *order + "'",
                   "query.order"};
    page.is_ascending = *order == "asc";
  }
  return page;
}

Result<std::vector<IndexRow>> read_page(const Store& store, const IndexPage& page,
                                        const KeepRow& keep) {
  const std::string end = end_of_prefix(page.prefix);
  const rocksdb::Slice lower{page.prefix};
  const rocksdb::Slice upper{end};
  rocksdb::ReadOptions options;
  options.iterate_lower_bound = &lower;
  if (!end.empty()) options.iterate_upper_bound = &upper;
  const std::unique_ptr<rocksdb::Iterator> row{
    store.db().NewIterator(options, store.family(page.family))};

  // What stands before a cursor is what comes behind it in the opposite order.
  const bool is_backwards = page.before && !page.after;
  const bool is_up = page.is_ascending != is_backwards;
  const auto& cursor = is_backwards ? page.before : page.after;
  const auto step = [&] { is_up ? row->Next() : row->Prev(); };
  if (!cursor)
    is_up ? row->SeekToFirst() : row->SeekToLast();
  else
    is_up ? row->Seek(*cursor) : row->SeekForPrev(*cursor);
  if (cursor && row->Valid() && row->key() == *cursor) step();

  std::vector<IndexRow> rows;
  for (; row->Valid() && rows.size() < page.limit; step()) {
    if (!is_backwards && page.before && row->key() == *page.before) break;
    const auto key = row->key().ToStringView();
    const auto value = row->value().ToStringView();
    if (keep(key, value)) rows.push_back({std::string(key), std::string(value)});
  }
  if (!row->status().ok()) return from_rocksdb(row->status(), page.family);
  if (is_backwards) std::reverse(rows.begin(), rows.end());
  return rows;
}

std::string created_key(const std::string& org_id, Timestamp created_at, const std::string& id) {
  return key_bytes(org_id, static_cast<std::uint64_t>(created_at.time_since_epoch().count()), id);
}

std::string last_id(std::string_view key, Prefix prefix) {
  constexpr std::size_t end_mark = 2;  // of a text in a key
  const std::size_t size = to_string(prefix).size() + 1 + 36;
  if (key.size() < size + end_mark) return {};
  return std::string(key.substr(key.size() - end_mark - size, size));
}

}  // namespace reverie
