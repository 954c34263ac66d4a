// How RocksDB is set up, and why.

#pragma once

#include "storage/store.hpp"

#include <memory>

#include <rocksdb/options.h>

namespace reverie {

rocksdb::DBOptions database_options(const StoreOptions& options, rocksdb::Env& env,
                                    std::shared_ptr<rocksdb::EventListener> listener);

// One block cache and one size for the families of a database: pass the same object for all.
rocksdb::ColumnFamilyOptions family_options(const StoreOptions& options);

}  // namespace reverie
