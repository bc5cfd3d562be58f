#pragma once

#include <string_view>

namespace tsuwsgi::test {

/// Aborts where the head parser or what works on its result breaks a promise on these bytes.
void check_head(std::string_view bytes);

}  // namespace tsuwsgi::test
