#pragma once

#include <string_view>

namespace tsuwsgi::test {

/// Aborts where the body decoder breaks a promise on these bytes.
void check_body(std::string_view bytes);

}  // namespace tsuwsgi::test
