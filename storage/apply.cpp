#include "storage/apply.hpp"

#include "storage/codec.hpp"
#include "storage/key.hpp"

#include <memory>
#include <tuple>

namespace reverie {

namespace {

rocksdb::Slice slice(std::string_view text) {
  return {text.data(), text.size()};
}

// Hands the operations of a batch to an Applier. Those that Store::check lets through
// are named; RocksDB's defaults refuse the others.
class Feeder final : public rocksdb::WriteBatch::Handler {
 public:
  explicit Feeder(Applier& applier) : applier_(&applier) {}

  rocksdb::Status PutCF(std::uint32_t family, const rocksdb::Slice& key,
                        const rocksdb::Slice& value) override {
    home = home_of_key(key.ToStringView());
    return take(applier_->put(family, key.ToStringView(), value.ToStringView()));
  }
  rocksdb::Status DeleteCF(std::uint32_t family, const rocksdb::Slice& key) override {
    home = home_of_key(key.ToStringView());
    return take(applier_->erase(family, key.ToStringView()));
  }
  rocksdb::Status DeleteRangeCF(std::uint32_t family, const rocksdb::Slice& begin,
                                const rocksdb::Slice& end) override {
    home = home_of_key(begin.ToStringView());
    return take(applier_->erase_range(family, begin.ToStringView(), end.ToStringView()));
  }

  std::optional<Error> failure;
  std::optional<Home> home;  // of all keys

 private:
  rocksdb::Status take(Status status) {
    if (status) return rocksdb::Status::OK();
    failure = std::move(status).error();
    return rocksdb::Status::Aborted();
  }

  Applier* applier_;
};

}  // namespace

Status Applier::add(std::span<const std::string> writes) {
  batch_.SetSavePoint();
  undo_.clear();
  for (const std::string& bytes : writes) {
    Feeder feeder{*this};
    const auto status = rocksdb::WriteBatch{bytes}.Iterate(&feeder);
    if (status.ok()) {
      if (feeder.home) homes_.push_back(*feeder.home);
      continue;
    }
    roll_back();
    if (feeder.failure) return *std::move(feeder.failure);
    return Error{Errc::invalid_argument, status.ToString(), "commit"};
  }
  batch_.PopSavePoint().PermitUncheckedError();
  return {};
}

Status Applier::put(std::uint32_t family, std::string_view key, std::string_view value) {
  auto* handle = store_->family(family);
  if (!handle) return Error{Errc::invalid_argument, "an unknown family", "commit"};
  if (!store_->rules(family).empty()) {
    REVERIE_TRY(const Value before, read_before(family, key, value));
    Value after{value};
    REVERIE_CHECK(derive(family, key, before, after));
    remember(family, key, std::move(after));
  }
  batch_.Put(handle, slice(key), slice(value)).PermitUncheckedError();
  return {};
}

Status Applier::erase(std::uint32_t family, std::string_view key) {
  auto* handle = store_->family(family);
  if (!handle) return Error{Errc::invalid_argument, "an unknown family", "commit"};
  if (!store_->rules(family).empty()) {
    REVERIE_TRY(const Value before, read(family, key));
    REVERIE_CHECK(derive(family, key, before, std::nullopt));
    remember(family, key, std::nullopt);
  }
  batch_.Delete(handle, slice(key)).PermitUncheckedError();
  return {};
}

Status Applier::erase_range(std::uint32_t family, std::string_view begin, std::string_view end) {
  auto* handle = store_->family(family);
  if (!handle) return Error{Errc::invalid_argument, "an unknown family", "commit"};
  if (!store_->rules(family).empty()) {
    const auto derive_erased = [&](std::string_view key, const Value& before) -> Status {
      REVERIE_CHECK(derive(family, key, before, std::nullopt));
      remember(family, key, std::nullopt);
      return {};
    };
    rocksdb::ReadOptions options;
    const rocksdb::Slice upper = slice(end);
    options.iterate_upper_bound = &upper;
    const std::unique_ptr<rocksdb::Iterator> entry{store_->db().NewIterator(options, handle)};
    for (entry->Seek(slice(begin)); entry->Valid(); entry->Next()) {
      const auto collected = pending_.find({family, entry->key().ToString()});
      REVERIE_CHECK(derive_erased(entry->key().ToStringView(), collected != pending_.end()
                                                                 ? collected->second
                                                                 : entry->value().ToString()));
    }
    if (!entry->status().ok()) return from_rocksdb(entry->status(), handle->GetName());
    const Place last{family, std::string(end)};
    for (auto it = pending_.lower_bound({family, std::string(begin)});
         it != pending_.end() && it->first < last; ++it)
      if (it->second) REVERIE_CHECK(derive_erased(it->first.second, it->second));
  }
  batch_.DeleteRange(handle, slice(begin), slice(end)).PermitUncheckedError();
  return {};
}

Status Applier::add_rows(const IndexRule& rule, std::string_view key, std::string_view value) {
  IndexRows rows;
  rule.rows(key, value, rows);
  return change_rows({}, rows);
}

void Applier::clear() {
  batch_.Clear();
  homes_.clear();
  pending_.clear();
  undo_.clear();
}

Result<Applier::Value> Applier::read(std::uint32_t family, std::string_view key) const {
  if (const auto found = pending_.find({family, std::string(key)}); found != pending_.end())
    return found->second;
  auto* handle = store_->family(family);
  rocksdb::PinnableSlice bytes;
  const auto status = store_->db().Get({}, handle, slice(key), &bytes);
  if (status.IsNotFound()) return Value{};
  if (!status.ok()) return from_rocksdb(status, handle->GetName());
  return Value{bytes.ToString()};
}

Result<Applier::Value> Applier::read_before(std::uint32_t family, std::string_view key,
                                            std::string_view value) const {
  // The first version of a record follows on nothing, which is not worth a look on disk.
  const auto version = take_version(value, "commit");
  if (version && *version == 1 && !pending_.contains({family, std::string(key)})) return Value{};
  return read(family, key);
}

void Applier::remember(std::uint32_t family, std::string_view key, Value value) {
  auto [place, is_new] = pending_.try_emplace({family, std::string(key)});
  undo_.emplace_back(place->first, is_new ? std::nullopt : std::optional{place->second});
  place->second = std::move(value);
}

void Applier::roll_back() {
  batch_.RollbackToSavePoint().PermitUncheckedError();
  for (; !undo_.empty(); undo_.pop_back()) {
    auto& [place, before] = undo_.back();
    if (before)
      pending_[place] = *std::move(before);
    else
      pending_.erase(place);
  }
}

Status Applier::derive(std::uint32_t family, std::string_view key, const Value& before,
                       const Value& after) {
  for (const IndexRule* rule : store_->rules(family)) {
    IndexRows rows_before;
    IndexRows rows_after;
    if (before) rule->rows(key, *before, rows_before);
    if (after) rule->rows(key, *after, rows_after);
    REVERIE_CHECK(change_rows(rows_before, rows_after));
  }
  return {};
}

Status Applier::change_rows(const IndexRows& before, const IndexRows& after) {
  struct Change {
    const std::string* before = nullptr;  // the row's value
    const std::string* after = nullptr;
    std::int64_t difference = 0;  // of a counted row
    bool is_counted = false;
  };
  std::map<std::pair<std::string_view, std::string_view>, Change> changes;
  const auto collect = [&](const IndexRows& rows, auto Change::*side, std::int64_t sign) {
    for (const IndexRows::Row& row : rows.rows()) {
      Change& change = changes[{row.family, row.key}];
      change.*side = &row.value;
      change.is_counted = row.is_counted;
      change.difference += sign;
    }
  };
  collect(before, &Change::before, -1);
  collect(after, &Change::after, +1);
  for (const auto& [place, change] : changes) {
    auto* family = store_->family(place.first);
    const std::string key{place.second};
    if (change.is_counted) {
      if (change.difference != 0) REVERIE_CHECK(change_count(family, key, change.difference));
    } else if (!change.after) {
      batch_.Delete(family, key).PermitUncheckedError();
    } else if (!change.before || *change.before != *change.after) {
      batch_.Put(family, key, *change.after).PermitUncheckedError();
    }
  }
  return {};
}

Status Applier::change_count(rocksdb::ColumnFamilyHandle* family, const std::string& key,
                             std::int64_t difference) {
  REVERIE_TRY(const Value stored, read(family->GetID(), key));
  std::int64_t count = difference;
  if (stored) {
    REVERIE_TRY(const std::int64_t records, index_count(*stored, family->GetName()));
    count += records;
  }
  Value value;
  if (count > 0) put_varint(value.emplace(), static_cast<std::uint64_t>(count));
  if (value)
    batch_.Put(family, key, *value).PermitUncheckedError();
  else
    batch_.Delete(family, key).PermitUncheckedError();
  remember(family->GetID(), key, std::move(value));
  return {};
}

}  // namespace reverie
