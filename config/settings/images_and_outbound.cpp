#include "config/settings/sections.hpp"

namespace reverie {

namespace {

template <auto Member>
constexpr auto images = option_at<&Settings::images, Member>();
template <auto Member>
constexpr auto outbound = option_at<&Settings::outbound, Member>();

}  // namespace

std::vector<Option> images_options() {
  return {
    {.name = "images.bytes_max",
     .member = images<&ImageSettings::bytes_max>,
     .unit = "bytes",
     .min = kib,
     .max = gib,
     .doc = "The largest image that a message may hold; larger ones are refused.",
     .source = "5 MiB of base64, the least that a vendor takes"},
    {.name = "images.fetch_s",
     .member = images<&ImageSettings::fetch_s>,
     .unit = "s",
     .min = 1,
     .max = 600,
     .doc = "How long fetching an image from its URL may take; it is tried twice.",
     .source = "as the reference server"},
  };
}

std::vector<Option> outbound_options() {
  return {
    {.name = "outbound.allowed_networks",
     .member = outbound<&OutboundSettings::allowed_networks>,
     .doc = "Networks beside the public internet that URLs in messages may reach, such as "
            "10.1.0.0/16."},
  };
}

}  // namespace reverie
