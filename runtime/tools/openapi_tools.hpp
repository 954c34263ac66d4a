// Tools from an OpenAPI 3 document: each operation becomes a request over HTTP
// (runtime/web/http_template.hpp) with the operation's parameters as its arguments.

#pragma once

#include "config/error.hpp"
#include "runtime/requests/tools.hpp"

#include <vector>

namespace reverie {

// One for each operation that is asked for, in the document's order. The members of a body that is an
// object are arguments of their own, any other body is the argument `body`. What the document asks
// for as authentication is a variable of the agent: ${BEARER_AUTH} for the scheme "bearerAuth".
// References within the document are followed; one that leads into itself is any value.
//
// Errors: bad_request: no OpenAPI 3 document, an operation that is asked for is not in it or cannot
// be a tool (`where` names it), two of them have one name.
Result<std::vector<CreateTool>> tools_of_openapi(const CreateToolsFromOpenapi& request);

}  // namespace reverie
