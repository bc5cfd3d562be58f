#pragma once

#include <string>
#include <string_view>

#include "native/random.h"

namespace tsuwsgi::test {

// Words whose place decides how a message is understood.
inline constexpr std::string_view kMutationWords[] = {"\r\n",
                                                      "\r",
                                                      "\n",
                                                      "\r\n\r\n",
                                                      " ",
                                                      "\t",
                                                      ":",
                                                      ",",
                                                      ";",
                                                      "0",
                                                      "chunked",
                                                      "Host: b",
                                                      "#",
                                                      "%",
                                                      "HTTP/1.0",
                                                      "http://",
                                                      "[::1]",
                                                      "0\r\n\r\n",
                                                      "\"",
                                                      "\\",
                                                      "a=b",
                                                      "Content-Length: 3\r\n",
                                                      "Transfer-Encoding: chunked\r\n"};

/// One small change at a random place.
inline void mutate(std::string& bytes, Random& random) {
  const size_t at = random.below(bytes.size() + 1);
  switch (random.below(5)) {
    case 0:
      if (at < bytes.size()) bytes[at] = random.byte();
      break;
    case 1:
      bytes.insert(at, kMutationWords[random.below(sizeof kMutationWords / sizeof kMutationWords[0])]);
      break;
    case 2:
      bytes.erase(at, 1 + random.below(8));
      break;
    case 3:
      bytes.insert(at, bytes.substr(random.below(bytes.size() + 1), random.below(40)));
      break;
    default:
      bytes.resize(at);
  }
}

}  // namespace tsuwsgi::test
