#pragma once

#include <string_view>

namespace tsuwsgi::test {

/// Aborts where the parser of uwsgi packets or what works on its result breaks a promise on these bytes.
void check_packet(std::string_view bytes);

/// The same for a block of variables: these bytes get the header that fits them.
void check_packet_block(std::string_view block);

}  // namespace tsuwsgi::test
