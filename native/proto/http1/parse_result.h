#pragma once

#include "proto/parse_result.h"

namespace tsuwsgi::http1 {

using proto::ParseResult;
using proto::Refusal;

}  // namespace tsuwsgi::http1
