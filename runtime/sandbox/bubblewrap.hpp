// The command line of bubblewrap, which makes the sandbox that a zygote lives in.

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace reverie {

struct BubblewrapFiles {
  std::string packages;         // a folder, seen as /packages; empty: none
  bool makes_packages = false;  // an empty /packages, which a mount from outside takes the place of
  // Descriptors that bubblewrap reads: what it installs as its filter, and files of /etc.
  int filter = -1;
  int passwd = -1;
  int group = -1;
  int hosts = -1;
};

// The user inside, who is nobody outside either.
constexpr int sandbox_uid = 65'534;

// What those files hold.
extern const char* const sandbox_passwd;
extern const char* const sandbox_group;
extern const char* const sandbox_hosts;

// `program`: what runs inside, with its arguments. It may make namespaces there and nothing else,
// has no network and no process but its own, and sees the machine's programs and libraries,
// read-only.
std::vector<std::string> bubblewrap_command(const BubblewrapFiles& files,
                                            const std::vector<std::string>& program);

// A program that stays, and speaks over its standard input and output (an MCP server): without a
// zygote, so its limits are set by what starts it.
struct BubblewrapServer {
  struct Limits {
    std::int64_t memory_bytes = 0;  // that each of its processes can write to
    std::int64_t file_bytes = 0;    // of one file, and of all of /tmp
    std::int64_t processes = 0;
  };

  int args = -1;                     // a descriptor with bubblewrap_server_words
  bool network = false;              // the machine's
  std::vector<std::string> folders;  // that it can read, under their own names
  std::map<std::string, std::string> environment;
  BubblewrapFiles files;
  Limits limits;
};

// The words that nobody but bubblewrap may read, each to be ended with a zero byte.
std::vector<std::string> bubblewrap_server_words(const BubblewrapServer& server);
// `is_root`: who starts it is, and becomes nobody first.
std::vector<std::string> bubblewrap_server_command(const BubblewrapServer& server,
                                                   const std::vector<std::string>& program,
                                                   bool is_root);

// Folders of this machine and what they are called inside.
struct BuildMounts {
  std::pair<std::string, std::string> writable;
  std::vector<std::pair<std::string, std::string>> readable;
};

// For pip, which is trusted with the machine's network and with nothing else of it.
std::vector<std::string> bubblewrap_build_command(const BuildMounts& mounts,
                                                  const std::vector<std::string>& program);

}  // namespace reverie
