// Every endpoint of the server: one function per file of net/routes/.

#pragma once

#include "net/route.hpp"

namespace reverie {

RouteTable agent_routes();
RouteTable approval_routes();
RouteTable block_routes();
RouteTable conversation_routes();
RouteTable git_routes();
RouteTable health_routes();
RouteTable mcp_server_routes();
RouteTable message_routes();
RouteTable run_routes();
RouteTable tool_routes();

inline RouteTable all_routes() {
  RouteTable routes;
  for (auto group : {health_routes, agent_routes, block_routes, conversation_routes, message_routes,
                     run_routes, approval_routes, git_routes, tool_routes, mcp_server_routes}) {
    RouteTable more = group();
    routes.insert(routes.end(), std::make_move_iterator(more.begin()),
                  std::make_move_iterator(more.end()));
  }
  return routes;
}

}  // namespace reverie
