// A table, its derived families and a store of them, for the tests of storage/ alone.

#pragma once

#include "storage/index_rule.hpp"
#include "storage/log.hpp"
#include "storage/table.hpp"
#include "tests/support/temp_dir.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace reverie::testing {

struct Toy {
  std::int64_t number = 0;
  std::string color;
  std::vector<std::string> tags;

  static constexpr std::string_view type_name = "Toy";
  static constexpr auto fields() {
    return std::tuple{
      field(1, "number", &Toy::number),
      field(2, "color", &Toy::color),
      field(3, "tags", &Toy::tags),
    };
  }
  bool operator==(const Toy&) const = default;
};

// toys: home of owner_id | owner_id / number -> Toy
struct ToyTable {
  static constexpr std::string_view family = "toys";

  struct Key {
    std::string owner_id;
    std::uint64_t number = 0;
    auto parts() { return std::tie(owner_id, number); }
    auto parts() const { return std::tie(owner_id, number); }
    Result<Home> home() const { return home_of(owner_id); }
    bool operator==(const Key&) const = default;
  };
  using Value = Toy;
};

// A second family that no rule watches.
struct PlainToyTable : ToyTable {
  static constexpr std::string_view family = "plain_toys";
};

inline constexpr std::string_view toys_by_color = "toys_by_color";  // color | owner | number
inline constexpr std::string_view toy_tags = "toy_tags";            // tag -> how many

inline void toy_rows(const ToyTable::Key& key, const Toy& toy, IndexRows& rows) {
  if (!toy.color.empty())
    rows.put(toys_by_color, key_bytes(toy.color, key.owner_id, key.number),
             std::to_string(toy.number));
  for (const std::string& tag : toy.tags) rows.count(toy_tags, key_bytes(tag));
}

inline std::vector<IndexRule> toy_rules(std::int64_t revision = 1) {
  return {index_rule<ToyTable, toy_rows>({toys_by_color, toy_tags}, revision)};
}

inline std::vector<std::string_view> toy_families() {
  return {ToyTable::family, PlainToyTable::family, toys_by_color, toy_tags};
}

inline StoreOptions toy_options() {
  StoreOptions options;
  options.indexes = toy_rules();
  options.on_fatal = [](const Error&) {};
  return options;
}

// What a family holds, in its order.
inline std::vector<std::pair<std::string, std::string>> dump(const Store& store,
                                                             std::string_view family) {
  std::vector<std::pair<std::string, std::string>> rows;
  const std::unique_ptr<rocksdb::Iterator> entry{store.db().NewIterator({}, store.family(family))};
  for (entry->SeekToFirst(); entry->Valid(); entry->Next())
    rows.emplace_back(entry->key().ToString(), entry->value().ToString());
  return rows;
}

// The writes of a batch that cannot have gone wrong.
inline std::string writes_of(Batch&& batch) {
  return std::move(batch).commit()->writes;
}

}  // namespace reverie::testing
