// Derived families: rows that follow from records and that a list reads in their
// order, so that nothing is ever scanned and sorted. They are no part of a commit:
// the apply step of a log (storage/apply.hpp) writes them in the RocksDB write that
// changes the record, so after a crash both are there or neither.
//
// A rule says which rows follow from one record, and from nothing else. What a change
// of the record does to them is the difference of the rows before and after, which
// makes a rebuild from scratch and any history of changes end in the same bytes.
// A change costs a read of the record as it was, 2 us to 5 us while its block is cached
// (a first version costs none), and only what differs is written.

#pragma once

#include "config/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace reverie {

class Store;

// What a rule answers for one record.
class IndexRows {
 public:
  struct Row {
    std::string_view family;
    std::string key;
    std::string value;
    bool is_counted = false;
  };

  // A row of this record alone: the key names the record, at its end as a rule.
  // Twice with one key: the later value holds.
  void put(std::string_view family, std::string key, std::string value = {}) {
    rows_.push_back({family, std::move(key), std::move(value), false});
  }

  // A row that any number of records share. Its value is their number (varint; see
  // `index_count`), and it is gone with the last of them: counts, tags in use.
  void count(std::string_view family, std::string key) {
    rows_.push_back({family, std::move(key), {}, true});
  }

  const std::vector<Row>& rows() const { return rows_; }

 private:
  std::vector<Row> rows_;
};

// A family of tables and its derived rows. Two rules may write to one derived family
// when none of their rows have the same key; a counted family has counted rows only.
struct IndexRule {
  std::string_view family;                // of the records
  std::vector<std::string_view> derived;  // every family that `rows` names
  std::int64_t revision = 1;              // grows when `rows` answers anything else: rebuilt then
  // `key` and `value` as stored, with home and version. Bytes that it cannot read have
  // no rows. See storage/index_rule.hpp for rules over a table's key and value.
  void (*rows)(std::string_view key, std::string_view value, IndexRows& rows) = nullptr;
};

// The value of a counted row. Errors: corruption.
Result<std::int64_t> index_count(std::string_view value, std::string_view where);

// Makes all derived rows again when they are those of other rules, or a rebuild was
// broken off: a whole scan of the families concerned, about 20 us of CPU a record. Done by
// Store::open. Errors: corruption, unavailable.
Status rebuild_stale_indexes(Store& store);

// The same, whatever is there.
Status rebuild_indexes(Store& store);

}  // namespace reverie
