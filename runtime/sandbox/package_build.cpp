#include "runtime/sandbox/package_build.hpp"

#include "runtime/sandbox/bubblewrap.hpp"
#include "runtime/sandbox/worker_process.hpp"

#include <algorithm>
#include <array>
#include <filesystem>

#include <openssl/sha.h>
#include <re2/re2.h>

namespace reverie {

namespace {

// In the sandbox of a build, and, without one, where the folders really are.
struct Places {
  std::string folder;
  std::string pip;
  std::string wheels;
};

Places places_of(const PackageBuild& build, const std::string& wheels) {
  if (build.level == SandboxLevel::isolated) return {"/build", "/pip", "/wheels"};
  return {build.folder, build.pip, wheels};
}

// Without the sandbox it is pip alone that runs, and pip is the machine's.
std::vector<std::string> confined(const PackageBuild& build, const std::string& wheels,
                                  std::vector<std::string> program) {
  if (build.level != SandboxLevel::isolated) return program;
  BuildMounts mounts;
  mounts.writable = {build.folder, "/build"};
  if (!build.pip.empty()) mounts.readable.emplace_back(build.pip, "/pip");
  if (!wheels.empty()) mounts.readable.emplace_back(wheels, "/wheels");
  return bubblewrap_build_command(mounts, program);
}

std::string hex_sha256(const std::string& text) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
  ::SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  constexpr char digits[] = "0123456789abcdef";
  std::string hex;
  for (const unsigned char byte : digest) {
    hex += digits[byte >> 4];
    hex += digits[byte & 15];
  }
  return hex;
}

// Where Python says that pip is: lib/python3.11/site-packages/pip, which can be run as it lies
// there.
std::string pip_program(const std::string& pip) {
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(pip + "/lib", none))
    if (std::filesystem::exists(entry.path() / "site-packages/pip", none))
      return "lib/" + entry.path().filename().string() + "/site-packages/pip";
  return {};
}

}  // namespace

Result<std::vector<std::string>> package_requirements(const std::vector<SandboxPackage>& packages) {
  static const RE2 name_form(R"([A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?(\[[A-Za-z0-9,._-]+\])?)");
  static const RE2 bound_form(R"((==|===|~=|!=|<=|>=|<|>)\s*[A-Za-z0-9.!+*_-]+)"
                              R"((\s*,\s*(==|===|~=|!=|<=|>=|<|>)\s*[A-Za-z0-9.!+*_-]+)*)"
                              R"(( --hash=sha256:[0-9a-f]{64})*)");
  static const RE2 plain_form(R"([A-Za-z0-9][A-Za-z0-9.!+*_-]*( --hash=sha256:[0-9a-f]{64})*)");
  std::vector<std::string> lines;
  for (const SandboxPackage& package : packages) {
    if (!RE2::FullMatch(package.name, name_form))
      return Error{Errc::invalid_argument, "'" + package.name + "' is no name of a Python package",
                   "pip_requirements"};
    std::string version = package.version;
    if (RE2::FullMatch(version, plain_form))
      version = "==" + version;
    else if (!version.empty() && !RE2::FullMatch(version, bound_form))
      return Error{Errc::invalid_argument,
                   "'" + version + "' is no version of the package " + package.name,
                   "pip_requirements"};
    lines.push_back(package.name + version);
  }
  std::sort(lines.begin(), lines.end());
  lines.erase(std::unique(lines.begin(), lines.end()), lines.end());
  return lines;
}

std::string package_set_name(const std::vector<std::string>& requirements,
                             const SandboxSettings& settings) {
  std::error_code none;
  std::string text = std::filesystem::canonical(find_sandbox_program("python3"), none).string();
  text += '\n' + settings.package_index + '\n' + settings.package_wheels + '\n';
  for (const std::string& line : requirements) text += line + '\n';
  return hex_sha256(text);
}

std::vector<std::string> pip_command(const PackageBuild& build) {
  const Places places = places_of(build, "");
  return confined(build, "", {find_sandbox_program("python3"), "-I", "-m", "venv", places.folder});
}

std::vector<std::string> install_command(const PackageBuild& build,
                                         const SandboxSettings& settings) {
  const Places places = places_of(build, settings.package_wheels);
  std::vector<std::string> program{
    "/bin/sh", "-c",
    // Readable for the users of calls, whatever the server's own mask is.
    R"(umask 022 && folder=$1 && shift && "$@" && du -sk "$folder" | cut -f1 >"$folder/size")",
    "sh", places.folder, find_sandbox_program("python3"), "-I",
    places.pip + "/" + pip_program(build.pip), "install", "--only-binary", ":all:", "--no-input",
    "--no-cache-dir", "--progress-bar", "off", "--disable-pip-version-check", "--target",
    places.folder + "/site", "--requirement", places.folder + "/requirements.txt"};
  if (settings.package_index.empty())
    program.emplace_back("--no-index");
  else if (settings.package_index != "pip")
    program.insert(program.end(), {"--index-url", settings.package_index});
  if (!settings.package_wheels.empty())
    program.insert(program.end(), {"--find-links", places.wheels});
  if (settings.package_hashes) program.emplace_back("--require-hashes");
  constexpr const char* authorities = "/etc/ssl/certs/ca-certificates.crt";
  if (std::filesystem::exists(authorities)) program.insert(program.end(), {"--cert", authorities});
  return confined(build, settings.package_wheels, program);
}

}  // namespace reverie
