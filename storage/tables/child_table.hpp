#pragma once

#include "storage/records/child.hpp"
#include "storage/table.hpp"

namespace reverie {

// children: home of the id's agent | id of a message, run, step or conversation -> Child
//
// An id that was made here has the bits of its agent, so its own home is the agent's.
struct ChildTable {
  static constexpr std::string_view family = "children";

  struct Key {
    std::string id;
    auto parts() { return std::tie(id); }
    auto parts() const { return std::tie(id); }
    Result<Home> home() const { return home_of(id); }
  };
  using Value = Child;
};

// Compiled once, in storage/tables.cpp.
extern template std::string encode(const Child&);
extern template Result<Child> decode(std::string_view);

}  // namespace reverie
