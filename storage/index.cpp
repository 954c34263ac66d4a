#include "storage/index.hpp"

#include "config/log_line.hpp"
#include "storage/apply.hpp"
#include "storage/codec.hpp"
#include "storage/store.hpp"
#include "storage/tables/meta_table.hpp"

#include <memory>
#include <set>

namespace reverie {

namespace {

// meta: this key -> the rules that all derived rows were made by. Absent while they
// are made again.
constexpr std::string_view rules_key = "indexes";

constexpr std::size_t rebuild_batch_bytes = 1 << 20;

std::string names_of(const std::vector<IndexRule>& rules) {
  std::string names;
  for (const IndexRule& rule : rules) {
    names += std::string(rule.family) + ":" + std::to_string(rule.revision) + ">";
    for (const auto derived : rule.derived) names += std::string(derived) + ",";
    names += "\n";
  }
  return names;
}

Status write_unsynced(const Store& store, rocksdb::WriteBatch& batch) {
  // The synced write of the marker behind it makes these durable too: one write-ahead log.
  const auto status = store.db().Write({}, &batch);
  if (!status.ok()) return from_rocksdb(status, "indexes");
  return {};
}

Status empty_family(const Store& store, rocksdb::ColumnFamilyHandle* family) {
  const std::unique_ptr<rocksdb::Iterator> last{store.db().NewIterator({}, family)};
  last->SeekToLast();
  if (!last->status().ok()) return from_rocksdb(last->status(), family->GetName());
  if (!last->Valid()) return {};
  rocksdb::WriteBatch batch;
  batch.DeleteRange(family, {}, last->key().ToString() + '\0').PermitUncheckedError();
  return write_unsynced(store, batch);
}

Status add_family(const Store& store, const IndexRule& rule) {
  auto* family = store.family(rule.family);
  Applier applier{store};
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  const std::unique_ptr<rocksdb::Iterator> entry{store.db().NewIterator(options, family)};
  for (entry->SeekToFirst(); entry->Valid(); entry->Next()) {
    REVERIE_CHECK(
      applier.add_rows(rule, entry->key().ToStringView(), entry->value().ToStringView()));
    if (applier.batch().GetDataSize() < rebuild_batch_bytes) continue;
    REVERIE_CHECK(write_unsynced(store, applier.batch()));
    applier.clear();
  }
  if (!entry->status().ok()) return from_rocksdb(entry->status(), rule.family);
  return write_unsynced(store, applier.batch());
}

}  // namespace

Result<std::int64_t> index_count(std::string_view value, std::string_view where) {
  std::uint64_t count = 0;
  if (!take_varint(value, count) || !value.empty())
    return Error{Errc::corruption, "undecodable count", std::string(where)};
  return static_cast<std::int64_t>(count);
}

Status rebuild_stale_indexes(Store& store) {
  std::string made_by;
  const auto status =
    store.db().Get({}, store.family(MetaTable::family), std::string(rules_key), &made_by);
  if (!status.ok() && !status.IsNotFound()) return from_rocksdb(status, MetaTable::family);
  if (made_by == names_of(store.rules())) return {};
  return rebuild_indexes(store);
}

Status rebuild_indexes(Store& store) {
  auto* meta = store.family(MetaTable::family);
  rocksdb::WriteBatch begin;
  begin.Delete(meta, std::string(rules_key)).PermitUncheckedError();
  REVERIE_CHECK(store.write(begin));

  std::set<std::string_view> derived;
  for (const IndexRule& rule : store.rules())
    derived.insert(rule.derived.begin(), rule.derived.end());
  for (const auto name : derived) REVERIE_CHECK(empty_family(store, store.family(name)));
  for (const IndexRule& rule : store.rules()) REVERIE_CHECK(add_family(store, rule));

  rocksdb::WriteBatch end;
  end.Put(meta, std::string(rules_key), names_of(store.rules())).PermitUncheckedError();
  REVERIE_CHECK(store.write(end));
  if (!store.rules().empty()) log_info("storage: indexes built rules={}", store.rules().size());
  return {};
}

}  // namespace reverie
