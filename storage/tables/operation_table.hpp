#pragma once

#include "storage/records/operation.hpp"
#include "storage/table.hpp"

namespace reverie {

// operations: home of the target | target id / operation id -> Operation
struct OperationTable {
  static constexpr std::string_view family = "operations";

  struct Key {
    std::string target_id;
    std::string operation_id;
    auto parts() { return std::tie(target_id, operation_id); }
    auto parts() const { return std::tie(target_id, operation_id); }
    Result<Home> home() const { return home_of(target_id); }
  };
  using Value = Operation;
};

// Compiled once, in storage/tables.cpp.
extern template std::string encode(const Operation&);
extern template Result<Operation> decode(std::string_view);

}  // namespace reverie
