#include "net/cli/version.hpp"

#include "config/version.hpp"

#include <curl/curl.h>
#include <openssl/crypto.h>
#include <rocksdb/version.h>
#include <spdlog/version.h>
#include <boost/version.hpp>
#include <caf/config.hpp>
#include <nlohmann/json.hpp>

// The build sets it from git where there is a repository.
#ifndef REVERIE_REVISION
#define REVERIE_REVISION ""
#endif

namespace reverie {
namespace {

std::string dotted(int major, int minor, int patch) {
  return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
}

std::string build_kind() {
#ifdef __OPTIMIZE__
  std::string kind = "optimised";
#else
  std::string kind = "debug";
#endif
#ifdef __SANITIZE_ADDRESS__
  kind += ", address sanitizer";
#endif
#ifdef __SANITIZE_THREAD__
  kind += ", thread sanitizer";
#endif
  return kind;
}

}  // namespace

std::string version_text() {
  const std::string revision = REVERIE_REVISION;
  std::string out = "reverie " + std::string(release);
  if (!revision.empty()) out += " (" + revision + ")";
  out += "\nAPI        Letta V1 as of " + std::string(api_release) + "\n";
  out += "build      " + build_kind() + ", g++ " __VERSION__ "\n";
  out += "CAF        " + dotted(CAF_MAJOR_VERSION, CAF_MINOR_VERSION, CAF_PATCH_VERSION) + "\n";
  out += "RocksDB    " + dotted(ROCKSDB_MAJOR, ROCKSDB_MINOR, ROCKSDB_PATCH) + "\n";
  out += "Boost      "
         + dotted(BOOST_VERSION / 100'000, BOOST_VERSION / 100 % 1'000, BOOST_VERSION % 100) + "\n";
  out += "libcurl    " + std::string(curl_version_info(CURLVERSION_NOW)->version) + "\n";
  out += "OpenSSL    " + std::string(OpenSSL_version(OPENSSL_FULL_VERSION_STRING)) + "\n";
  out +=
    "JSON       "
    + dotted(NLOHMANN_JSON_VERSION_MAJOR, NLOHMANN_JSON_VERSION_MINOR, NLOHMANN_JSON_VERSION_PATCH)
    + "\n";
  out += "spdlog     " + dotted(SPDLOG_VER_MAJOR, SPDLOG_VER_MINOR, SPDLOG_VER_PATCH) + "\n";
  return out;
}

}  // namespace reverie
