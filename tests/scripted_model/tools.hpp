// What the tools of a request demand of the reply.

#pragma once

#include "tests/scripted_model/reply.hpp"

namespace reverie::scripted {

// Where the request forces a call, makes one from the text: through `send_message` if that is a
// tool, else with the least arguments that the tool's schema allows. Then gives every call the
// arguments that older agent loops require of each: inner thoughts, and a heartbeat while the
// script has more steps.
void use_tools(const ModelRequest& request, bool has_more_steps, Reply& reply);

}  // namespace reverie::scripted
