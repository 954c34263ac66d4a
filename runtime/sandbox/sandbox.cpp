#include "runtime/sandbox/sandbox.hpp"

namespace reverie {

std::string_view to_string(SandboxLevel level) {
  switch (level) {
    case SandboxLevel::none: return "none";
    case SandboxLevel::process: return "process";
    case SandboxLevel::isolated: return "isolated";
  }
  return "";
}

std::string_view to_string(SandboxLanguage language) {
  switch (language) {
    case SandboxLanguage::python: return "python";
    case SandboxLanguage::javascript: return "javascript";
    case SandboxLanguage::typescript: return "typescript";
  }
  return "";
}

std::string_view to_string(SandboxEnd end) {
  switch (end) {
    case SandboxEnd::returned: return "returned";
    case SandboxEnd::raised: return "raised";
    case SandboxEnd::timed_out: return "timed_out";
    case SandboxEnd::exhausted: return "exhausted";
    case SandboxEnd::crashed: return "crashed";
    case SandboxEnd::cancelled: return "cancelled";
    case SandboxEnd::refused: return "refused";
  }
  return "";
}

}  // namespace reverie
