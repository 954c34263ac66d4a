// Which derived rows follow from which records: all of storage/index_families.hpp.

#pragma once

#include "storage/index.hpp"

#include <vector>

namespace reverie {

std::vector<IndexRule> all_indexes();

}  // namespace reverie
