// The command line of bubblewrap, which makes the sandbox that a zygote lives in.

#pragma once

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

// Folders of this machine and what they are called inside.
struct BuildMounts {
  std::pair<std::string, std::string> writable;
  std::vector<std::pair<std::string, std::string>> readable;
};

// For pip, which is trusted with the machine's network and with nothing else of it.
std::vector<std::string> bubblewrap_build_command(const BuildMounts& mounts,
                                                  const std::vector<std::string>& program);

}  // namespace reverie
