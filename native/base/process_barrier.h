#pragma once

namespace tsuwsgi::base {

/// A full memory barrier on every running thread of this process (membarrier(2), private expedited): what each of them
/// wrote before it is visible afterwards. For a side that acts rarely, beside one that acts often and pays nothing.
/// False where the kernel does not let this process; the caller goes on without. Takes up to milliseconds.
bool process_barrier();

}  // namespace tsuwsgi::base
