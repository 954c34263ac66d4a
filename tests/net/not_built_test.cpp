// The contract's operations are served or listed as not built: never both, never neither.

#include "net/not_built.hpp"

#include "net/route_tree.hpp"
#include "net/routes.hpp"

#include <set>

#include <gtest/gtest.h>

namespace reverie {
namespace {

TEST(NotBuilt, NoOperationIsServedAndListed) {
  RouteTree tree;
  std::set<std::string_view> ids;
  int index = 0;
  const auto add = [&](Method method, std::string_view path, std::string_view operation_id) {
    EXPECT_TRUE(tree.add(method, path, index++)) << to_string(method) << " " << path;
    EXPECT_TRUE(ids.insert(operation_id).second) << operation_id;
  };
  for (const Route& route : all_routes()) add(route.method, route.path, route.operation_id);
  for (const auto& list : {not_built_operations(), hosted_only_operations()})
    for (const ContractOperation& operation : list)
      add(operation.method, operation.path, operation.operation_id);
  // 279: the operations of the API contract. Fewer are missing from both lists.
  EXPECT_GE(ids.size(), 279U);
}

}  // namespace
}  // namespace reverie
