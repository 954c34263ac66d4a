// Puts load on a server and prints what came of it, as one line of JSON. With --hold it keeps its
// connections open until its standard input ends.

#include "bench/load_run.hpp"

#include <cstdio>
#include <exception>
#include <fstream>
#include <string>
#include <vector>

#include <sys/resource.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

namespace {

using reverie::bench::LoadOptions;
using reverie::bench::LoadResult;

double percentile(const std::vector<double>& sorted, double share) {
  if (sorted.empty()) return 0;
  const auto last = static_cast<double>(sorted.size() - 1);
  return sorted[static_cast<std::size_t>(share * last + 0.5)];
}

// Errors are sentences or bodies of the server: whatever would end the string is left out.
std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    const bool is_plain = static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\';
    out += is_plain ? c : '\'';
  }
  return out + '"';
}

void print_percentiles(const char* name, const std::vector<double>& sorted) {
  std::printf(
    "\"%s\": {\"count\": %zu, \"p50\": %.4f, \"p90\": %.4f, \"p99\": %.4f, "
    "\"max\": %.4f}, ",
    name, sorted.size(), percentile(sorted, 0.5), percentile(sorted, 0.9), percentile(sorted, 0.99),
    percentile(sorted, 1));
}

void print(const LoadResult& result) {
  std::printf("{\"seconds\": %.6f, \"cpu_s\": %.6f, ", result.seconds, result.cpu_s);
  print_percentiles("latency_ms", result.latencies_ms);
  print_percentiles("first_event_ms", result.first_event_ms);
  print_percentiles("late_ms", result.late_ms);
  std::printf("\"events\": %zu, \"errors\": %zu, \"first_error\": %s}\n", result.events,
              result.errors, quoted(result.first_error).c_str());
  std::fflush(stdout);
}

std::vector<std::string> read_lines(const std::string& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

void add_options(CLI::App& app, LoadOptions& options) {
  app.add_option("--host", options.host)->capture_default_str();
  app.add_option("--port", options.port)->capture_default_str();
  app.add_option("--connections", options.connections)->capture_default_str();
  app.add_option("--requests", options.requests, "Of all connections together")
    ->capture_default_str();
  app.add_option("--method", options.method)->capture_default_str();
  app.add_option("--path", options.path, "{id}: the next id, {n}: the request's number")
    ->capture_default_str();
  app.add_option("--body", options.body, "JSON; {id} and {n} as in the path");
  app.add_option("--token", options.token, "Sent as a bearer token");
  app.add_option("--first", options.number_first, "The number of the first request")
    ->capture_default_str();
  app.add_flag("--hold", options.holds, "Open streams, and keep them until standard input ends");
}

void raise_file_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Load generator: keep-alive HTTP/1.1 on many connections in one thread");
  LoadOptions options;
  std::string ids;
  std::string ids_out;
  add_options(app, options);
  app.add_option("--ids", ids, "A file with one id a line")->check(CLI::ExistingFile);
  app.add_option("--ids-out", ids_out, "Where the agents' ids of the answers are appended");
  CLI11_PARSE(app, argc, argv);
  if (!ids.empty()) options.ids = read_lines(ids);
  options.collects_ids = !ids_out.empty();
  raise_file_limit();
  try {
    const LoadResult result = reverie::bench::run_load(options);
    std::ofstream file(ids_out, std::ios::app);
    for (const std::string& id : result.ids) file << id << '\n';
    file.close();
    print(result);
    char byte = 0;
    while (options.holds && read(STDIN_FILENO, &byte, 1) > 0) {
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_load: %s\n", error.what());
    return 1;
  }
  return 0;
}
