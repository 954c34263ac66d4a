#include "net/process_metrics.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

namespace reverie {

namespace {

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double resident_bytes() {
  std::ifstream file("/proc/self/statm");
  double pages_all = 0;
  double pages_resident = 0;
  file >> pages_all >> pages_resident;
  return pages_resident * static_cast<double>(sysconf(_SC_PAGESIZE));
}

double open_descriptors() {
  std::error_code error;
  double count = 0;
  for (std::filesystem::directory_iterator entry("/proc/self/fd", error), end;
       !error && entry != end; entry.increment(error))
    ++count;
  return count;
}

double descriptors_max() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  return static_cast<double>(limit.rlim_cur);
}

// Field 22 of /proc/self/stat is in ticks since the machine's start; the command's name, which
// may hold anything, ends with the last parenthesis.
double start_time() {
  std::ifstream stat("/proc/self/stat");
  std::string line;
  std::getline(stat, line);
  std::istringstream fields(line.substr(line.rfind(')') + 1));
  std::string skipped;
  for (int i = 3; i < 22; ++i) fields >> skipped;
  double ticks = 0;
  fields >> ticks;
  std::ifstream uptime("/proc/stat");
  double boot_time = 0;
  while (uptime >> skipped)
    if (skipped == "btime") uptime >> boot_time;
  return boot_time + ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
}

}  // namespace

void add_process_metrics(Metrics& metrics) {
  metrics.counter_from("process_cpu_seconds_total", "User and system CPU time, in seconds.",
                       cpu_seconds);
  metrics.gauge_from("process_resident_memory_bytes", "Resident memory, in bytes.", resident_bytes);
  metrics.gauge_from("process_open_fds", "Open file descriptors.", open_descriptors);
  metrics.gauge_from("process_max_fds", "The limit on open file descriptors.", descriptors_max);
  metrics.gauge_from("process_start_time_seconds", "Start of the process, in seconds since 1970.",
                     [start = start_time()] { return start; });
}

}  // namespace reverie
