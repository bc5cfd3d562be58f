#pragma once

#include "base/scoreboard.h"

namespace tsuwsgi::server {

/// One loop's figures. Written by the loop's thread only, read by any; in shared memory where a master looks.
using Counters = base::LoopCounters;

}  // namespace tsuwsgi::server
