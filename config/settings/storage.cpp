#include "config/settings/sections.hpp"

namespace reverie {

namespace {

template <auto Member>
constexpr auto storage = option_at<&Settings::storage, Member>();

}  // namespace

std::vector<Option> storage_options() {
  return {
    {.name = "storage.data_dir",
     .member = storage<&StorageSettings::data_dir>,
     .doc = "Where everything is kept.",
     .source = "~/.reverie",
     .aliases = {"REVERIE_DATA_DIR", "LETTA_DIR"},
     .short_flag = "--data-dir"},
    {.name = "storage.block_cache_bytes",
     .member = storage<&StorageSettings::block_cache_bytes>,
     .unit = "bytes",
     .min = mib,
     .max = 1'024 * gib,
     .doc = "Memory for blocks of the database that were read.",
     .source = "what messages to 100,000 agents read is found there"},
    {.name = "storage.write_buffer_bytes",
     .member = storage<&StorageSettings::write_buffer_bytes>,
     .unit = "bytes",
     .min = mib,
     .max = 64 * gib,
     .doc = "Memory for writes that are in the log and not yet in a table, of all kinds together.",
     .source = "an idle server stays below 60 MiB"},
    {.name = "storage.wal_bytes_max",
     .member = storage<&StorageSettings::wal_bytes_max>,
     .unit = "bytes",
     .min = mib,
     .max = 64 * gib,
     .doc = "The longest write-ahead log, and so the longest start after a kill.",
     .source = "read again in less than a second"},
    {.name = "storage.resume_s",
     .member = storage<&StorageSettings::resume_s>,
     .unit = "s",
     .min = 1,
     .max = 3'600,
     .doc =
       "How long the database may take to go on when a full disk has room; then the process ends.",
     .source = "ten times what write_buffer_bytes need on a slow disk"},
    {.name = "storage.shards",
     .member = storage<&StorageSettings::shards>,
     .min = 1,
     .max = 16'384,
     .doc = "Commit pipelines, by the top bits of ids; a power of two, fixed for a data directory.",
     .source = "enough for 20 nodes; 14 bits of an id name its home",
     .is_power_of_two = true},
    {.name = "storage.encryption_key",
     .member = storage<&StorageSettings::encryption_key>,
     .doc =
       "What the secrets of agents are encrypted with; without it a file of the data directory.",
     .aliases = {"LETTA_ENCRYPTION_KEY"},
     .is_secret = true},
  };
}

}  // namespace reverie
