// What the kernel knows of this process, under the names that Prometheus' own clients use.

#pragma once

#include "net/metrics.hpp"

namespace reverie {

void add_process_metrics(Metrics& metrics);

}  // namespace reverie
