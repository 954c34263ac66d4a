// Answers that are kept as text for as long as the records that they show stay the same.

#pragma once

#include "config/ids.hpp"
#include "storage/home_versions.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <rocksdb/cache.h>

namespace reverie {

// Thread-safe. The least recently used go when there is no room.
class RenderedAnswers {
 public:
  // What an answer shows, as it was before the first of it was read.
  class Sources {
   public:
    explicit Sources(const HomeVersions& versions) : versions_(&versions) {}
    void add(Home home);
    bool are_current() const;

   private:
    const HomeVersions* versions_;
    std::vector<std::pair<Home, std::uint32_t>> seen_;
  };

  // `versions` outlives this.
  RenderedAnswers(const HomeVersions& versions, std::size_t bytes_max);

  Sources sources() const { return Sources{*versions_}; }

  // Appends the answer to `out`. False, and nothing appended, when it is not there or not current.
  bool append(std::string& out, const std::string& key) const;

  // `key` says all that the answer depends on beside the records: who asked, and for what.
  void keep(const std::string& key, std::string_view text, Sources sources);

 private:
  const HomeVersions* versions_;
  std::shared_ptr<rocksdb::Cache> cache_;
};

}  // namespace reverie
