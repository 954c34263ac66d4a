// A typed view of one column family.
//
// A table is described by a struct with `family`, `Key` and `Value` (see
// storage/tables/block_table.hpp). Reads go to the database; writes go into a
// batch, whose commit the caller sends to the shard, so one commit can span
// tables. The home in front of each key is written and taken off here.

#pragma once

#include "storage/codec.hpp"
#include "storage/commit.hpp"
#include "storage/key.hpp"
#include "storage/snapshot.hpp"
#include "storage/store.hpp"

#include <concepts>
#include <cstddef>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace reverie {

template <class T>
concept TableSchema = requires(typename T::Key key) {
  { T::family } -> std::convertible_to<std::string_view>;
  requires Record<typename T::Value>;
  key.parts();
  { key.home() } -> std::same_as<Result<Home>>;
};

// A record as it was read. `version` starts at 1 and grows with each put.
template <class T>
struct Stored {
  T value;
  std::int64_t version = 0;
};

// The bytes of a record, still in the block cache, which keeps the block as long as this
// lives. For readers that pass bytes on or decode a part of them.
struct Pinned {
  rocksdb::PinnableSlice stored;
  std::int64_t version = 0;
  std::string_view value;  // what encode() wrote
};

enum class Order : std::uint8_t { ascending, descending };  // of the keys

// A piece of a list. No member has a default: a scan without an end is a bug that
// shows only when the data has grown.
template <class Key>
struct Page {
  std::optional<Key> after;  // the last key of the page before, which may be gone by now
  Order order;
  std::size_t limit;  // entries visited
};

template <TableSchema Schema>
class Table {
 public:
  using Key = typename Schema::Key;
  using Value = typename Schema::Value;

  // Not 1, which says that the record was not there before.
  static constexpr std::int64_t unchecked = 2;

  explicit Table(const Store& store) : store_(&store), family_(store.family(Schema::family)) {}

  // The same table as it was when the snapshot was taken, which has to outlive it.
  Table at(const Snapshot& snapshot) const {
    Table table = *this;
    table.snapshot_ = snapshot.get();
    return table;
  }

  // Errors: not_found, invalid_argument (malformed id), corruption, unavailable.
  Result<Stored<Value>> get(const Key& key) const {
    Pinned pinned;
    REVERIE_CHECK(get_raw(key, pinned));
    REVERIE_TRY(Value value, decode<Value>(pinned.value));
    return Stored<Value>{std::move(value), pinned.version};
  }

  // The same without decoding. Errors: as `get`.
  Status get_raw(const Key& key, Pinned& pinned) const {
    REVERIE_TRY(const std::string key_text, encode_key(key));
    pinned.stored.Reset();
    const auto status = store_->db().Get(read_options(), family_, key_text, &pinned.stored);
    if (!status.ok()) return read_error(status);
    pinned.value = pinned.stored.ToStringView();
    REVERIE_TRY(pinned.version, take_version(pinned.value, Schema::family));
    return {};
  }

  // Many at once, in the order of `keys`, with nothing for each that is not there. Half
  // the cost of as many `get`. Errors: invalid_argument (malformed id), corruption, unavailable.
  Result<std::vector<std::optional<Stored<Value>>>> multi_get(std::span<const Key> keys) const {
    std::vector<std::optional<Stored<Value>>> records(keys.size());
    REVERIE_CHECK(multi_get_raw(keys, [&](std::size_t index, std::string_view stored) -> Status {
      REVERIE_TRY(records[index], decode_stored(stored));
      return {};
    }));
    return records;
  }

  // The same without decoding: calls `take(index, stored)` with the stored value of each that is
  // there, until it says an error. Errors: as `multi_get`, and those of `take`.
  template <class Take>
  Status multi_get_raw(std::span<const Key> keys, Take&& take) const {
    std::vector<std::string> texts;
    for (const Key& key : keys) {
      REVERIE_TRY(std::string text, encode_key(key));
      texts.push_back(std::move(text));
    }
    const std::vector<rocksdb::Slice> slices{texts.begin(), texts.end()};
    std::vector<rocksdb::PinnableSlice> bytes(keys.size());
    std::vector<rocksdb::Status> statuses(keys.size());
    store_->db().MultiGet(read_options(), family_, keys.size(), slices.data(), bytes.data(),
                          statuses.data());
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (statuses[i].IsNotFound()) continue;
      if (!statuses[i].ok()) return read_error(statuses[i]);
      REVERIE_CHECK(take(i, bytes[i].ToStringView()));
    }
    return {};
  }

  // A record under an id that was just made: unchecked, as version 1.
  void add(Batch& batch, const Key& key, const Value& value) const {
    batch.put(family_, encode_key(key), encode_stored(value, 1));
  }

  // Replaces what was read as `version` (0: nothing). The commit ends in a
  // conflict when the record has another version by then.
  void put(Batch& batch, const Key& key, const Value& value, std::int64_t version) const {
    require(batch, key, version);
    batch.put(family_, encode_key(key), encode_stored(value, version + 1));
  }

  void erase(Batch& batch, const Key& key, std::int64_t version) const {
    require(batch, key, version);
    batch.erase(family_, encode_key(key));
  }

  // For a row that belongs to a parent and is reached through it alone: an entry of a
  // list, an event, a state that its owner keeps. Right when the same commit checks the
  // parent's version (or adds the parent), or when one actor is the only writer of the row;
  // then no version of the row itself is worth a read. Such a row always has the version
  // `unchecked`, so a table's rows are put by this or by `put`, never by both.
  void put_unchecked(Batch& batch, const Key& key, const Value& value) const {
    batch.put(family_, encode_key(key), encode_stored(value, unchecked));
  }
  void erase_unchecked(Batch& batch, const Key& key) const {
    batch.erase(family_, encode_key(key));
  }

  // All rows of one home whose key starts with `first_parts` (made by key_bytes, at least one
  // part), as unchecked as the two above: what belongs to an object that is deleted.
  void erase_range(Batch& batch, Home home, const std::string& first_parts) const {
    std::string prefix;
    put_home(prefix, home);
    batch.erase_range(family_, prefix += first_parts);
  }

  // The commit depends on a record that it does not write.
  void require(Batch& batch, const Key& key, std::int64_t version) const {
    batch.require(Schema::family, encode_key(key), version);
  }

  // Visits one page of the entries of one home whose key starts with `first_parts`
  // (made by key_bytes). `visit(key, value)` returns false to stop before the limit.
  // Errors: invalid_argument (the cursor is not of this list), corruption, unavailable.
  template <class Visit>
  Status scan_page(Home home, const std::string& first_parts, const Page<Key>& page,
                   Visit&& visit) const {
    return scan_page_raw(home, first_parts, page,
                         [&](Key&& key, std::string_view bytes) -> Result<bool> {
                           REVERIE_TRY(auto stored, decode_stored(bytes));
                           return visit(std::move(key), std::move(stored.value));
                         });
  }

  // The same without decoding: `visit(key, stored)` is given the stored value and returns a
  // Result<bool>. Errors: as `scan_page`, and those of `visit`.
  template <class Visit>
  Status scan_page_raw(Home home, const std::string& first_parts, const Page<Key>& page,
                       Visit&& visit) const {
    std::string prefix;
    put_home(prefix, home);
    prefix += first_parts;
    std::string after;
    if (page.after) {
      REVERIE_TRY(after, encode_key(*page.after));
      if (!after.starts_with(prefix))
        return Error{Errc::invalid_argument, "the cursor is not of this list", "after"};
    }
    const std::string end = end_of_prefix(prefix);
    const rocksdb::Slice lower{prefix};
    const rocksdb::Slice upper{end};
    auto options = read_options();  // the bounds keep it from a neighbour's tombstones
    options.iterate_lower_bound = &lower;
    if (!end.empty()) options.iterate_upper_bound = &upper;
    const std::unique_ptr<rocksdb::Iterator> entry{store_->db().NewIterator(options, family_)};

    const bool is_up = page.order == Order::ascending;
    const auto step = [&] { is_up ? entry->Next() : entry->Prev(); };
    if (!page.after)
      is_up ? entry->SeekToFirst() : entry->SeekToLast();
    else
      is_up ? entry->Seek(after) : entry->SeekForPrev(after);
    if (page.after && entry->Valid() && entry->key() == after) step();
    for (std::size_t visited = 0; visited < page.limit && entry->Valid(); ++visited, step()) {
      Key key;
      if (!decode_key({entry->key().data(), entry->key().size()}, key))
        return Error{Errc::corruption, "undecodable key", std::string(Schema::family)};
      REVERIE_TRY(const bool goes_on, visit(std::move(key), entry->value().ToStringView()));
      if (!goes_on) return {};
    }
    if (!entry->status().ok()) return from_rocksdb(entry->status(), Schema::family);
    return {};
  }

  // A stored value: its version and the record. Errors: corruption.
  static Result<Stored<Value>> decode_stored(std::string_view bytes) {
    REVERIE_TRY(const std::int64_t version, take_version(bytes, Schema::family));
    REVERIE_TRY(Value value, decode<Value>(bytes));
    return Stored<Value>{std::move(value), version};
  }

 private:
  rocksdb::ReadOptions read_options() const {
    rocksdb::ReadOptions options;
    options.snapshot = snapshot_;
    return options;
  }

  static Error read_error(const rocksdb::Status& status) {
    if (status.IsNotFound())
      return {Errc::not_found, "no such record", std::string(Schema::family)};
    return from_rocksdb(status, Schema::family);
  }

  static std::string encode_stored(const Value& value, std::int64_t version) {
    std::string out;
    put_varint(out, static_cast<std::uint64_t>(version));
    return out += encode(value);
  }

  const Store* store_;
  rocksdb::ColumnFamilyHandle* family_;
  const rocksdb::Snapshot* snapshot_ = nullptr;  // null: what is there now
};

}  // namespace reverie
