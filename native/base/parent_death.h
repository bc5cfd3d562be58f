#pragma once

namespace tsuwsgi {

/// From now on this process ends at most `seconds` (> 0) after its parent's death, whatever its threads are busy with:
/// a parent's last words over a pipe reach nobody whose event loop does not turn. Replaces the disposition of one
/// real-time signal, and of SIGALRM once the parent is dead. False where the kernel refuses.
bool end_after_parent(unsigned seconds);

}  // namespace tsuwsgi
