#pragma once

#include <string>

#include "native/fixture_file.h"
#include "proto/environ.h"
#include "proto/request_limits.h"

namespace tsuwsgi::test {

/// The limits that a fixture names; the others are the defaults.
proto::RequestLimits limits_of(const FixtureFile& file);

/// `KEY=value` lines, in the order of the block.
std::string environ_lines(const proto::EnvironBlock& block);

/// The lines of the fixture that say what the environ has to be, in the form of `environ_lines`.
std::string expected_environ(const FixtureFile& file);

}  // namespace tsuwsgi::test
