#include "actors/reader_actor.hpp"

#include "actors/errors.hpp"
#include "runtime/views/views.hpp"

namespace reverie {

ReaderActor::behavior_type reader_actor(ReaderActor::stateful_pointer<ReaderState>,
                                        const Services* services) {
  return {
    [services](const Routed& routed) -> caf::result<Answer> {
      const ViewContext context{*services->store,
                                *services->providers,
                                routed.org_id,
                                routed.user_id,
                                services->rendered,
                                services->clock->now(),
                                services->settings->approvals.expire_s,
                                services->settings->traces.age_s,
                                services->secrets};
      auto json = answer_request(context, routed.payload);
      if (!json) return to_caf(json.error());
      return Answer{*std::move(json), ""};
    },
  };
}

}  // namespace reverie
