#include "storage/rocksdb_options.hpp"

#include <algorithm>

#include <rocksdb/cache.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>
#include <rocksdb/write_buffer_manager.h>

namespace reverie {

rocksdb::DBOptions database_options(const StoreOptions& options, rocksdb::Env& env,
                                    std::shared_ptr<rocksdb::EventListener> listener) {
  rocksdb::DBOptions db;
  db.env = &env;
  db.listeners.push_back(std::move(listener));
  db.max_background_jobs = 2;  // one flush, one compaction: the cores belong to the agents
  db.write_buffer_manager =
    std::make_shared<rocksdb::WriteBufferManager>(options.write_buffer_bytes);
  db.max_total_wal_size = options.wal_bytes_max;
  db.allow_concurrent_memtable_write = false;  // one writer: the log
  db.max_file_opening_threads = 2;             // started at each open
  db.max_open_files = 512;                     // of 1024, the usual limit of a process
  db.skip_stats_update_on_db_open = true;      // reads a block of each file
  db.skip_checking_sst_file_sizes_on_db_open = true;
  db.max_manifest_file_size = 4 << 20;    // read at each start
  db.avoid_flush_during_shutdown = true;  // all of it is in the log
  db.stats_dump_period_sec = 0;           // an idle process sleeps
  db.stats_persist_period_sec = 0;
  db.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
  db.max_log_file_size = 1 << 20;
  db.keep_log_file_num = 3;
  return db;
}

rocksdb::ColumnFamilyOptions family_options(const StoreOptions& options) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(options.block_cache_bytes);
  table.cache_index_and_filter_blocks = true;  // so that the cache bounds what files cost
  // In parts of 4 KiB: whole, the index of a file of small records has near a megabyte, which is
  // more than a shard of the cache holds, and then each lookup would read and unpack all of it.
  table.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
  table.partition_filters = true;
  table.metadata_block_size = 4 << 10;
  table.pin_top_level_index_and_filter = true;
  table.cache_index_and_filter_blocks_with_high_priority = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));  // 1 % of wrong answers
  table.block_size = 8 << 10;
  table.format_version = 5;

  rocksdb::ColumnFamilyOptions family;
  family.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  // Thirty families: what one may hold is small, and so is the step in which it grows.
  family.write_buffer_size = std::max<std::size_t>(options.write_buffer_bytes / 4, 1 << 20);
  family.arena_block_size = 32 << 10;
  family.target_file_size_base = 16 << 20;
  family.max_bytes_for_level_base = 64 << 20;
  family.level_compaction_dynamic_level_bytes = true;  // nearly all data is in the last level
  family.compression = rocksdb::kLZ4Compression;
  family.bottommost_compression = rocksdb::kZSTD;  // with a dictionary: records are small and alike
  family.bottommost_compression_opts.enabled = true;
  family.bottommost_compression_opts.max_dict_bytes = 16 << 10;
  family.bottommost_compression_opts.zstd_max_train_bytes = 256 << 10;
  // No prefix extractor: a scan has both bounds, and an iterator that is limited to one
  // prefix silently shows too little when it is asked for another range.
  return family;
}

}  // namespace reverie
