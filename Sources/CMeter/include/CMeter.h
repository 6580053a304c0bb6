// What the thread that runs a script has done since somebody last looked, and a way out of a match that takes too long:
// in C, because a counter of its own for each thread costs one instruction here, and because the way out is a jump.
#ifndef CMETER_H
#define CMETER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cmeter {
  /// Work that the turn has not been charged for yet, in turns of a loop: about 5 ns each.
  int64_t work;
  /// Bytes that were allocated, in large pieces, since the memory was last looked at.
  int64_t allocated;
  /// The interpreter whose tasks have their turns; NULL between them.
  void *owner;
};

// Of the program's own: no call is needed to find it.
extern _Thread_local struct cmeter cmeter_of_thread __attribute__((tls_model("initial-exec")));

static inline void cmeter_charge(int64_t work) { cmeter_of_thread.work += work; }
static inline bool cmeter_has_work(void) { return cmeter_of_thread.work != 0; }
static inline int64_t cmeter_take_work(void) {
  int64_t work = cmeter_of_thread.work;
  cmeter_of_thread.work = 0;
  return work;
}
static inline int64_t cmeter_allocate(int64_t bytes) { return cmeter_of_thread.allocated += bytes; }
static inline bool cmeter_has_allocated(int64_t bytes) { return cmeter_of_thread.allocated >= bytes; }
static inline void cmeter_set_allocated(int64_t bytes) { cmeter_of_thread.allocated = bytes; }
static inline void *cmeter_owner(void) { return cmeter_of_thread.owner; }
static inline void cmeter_set_owner(void *owner) { cmeter_of_thread.owner = owner; }

/// Bytes that malloc has given out and not got back.
int64_t cmeter_heap_in_use(void);

/// The address space that the process may have, in bytes; INT64_MAX: no bound.
int64_t cmeter_address_space_limit(void);

// MARK: A match that may be given up

struct pcre2_real_code_8;
struct pcre2_real_match_data_8;
struct pcre2_real_match_context_8;

/// What the thread has to compute from one tick to the next, in nanoseconds.
#define CMETER_TICK_NANOSECONDS 10000000
/// No code of PCRE2.
static const int32_t CMETER_GIVEN_UP = -10000;

/// `pcre2_jit_match_8`, or CMETER_GIVEN_UP when the thread has computed for more than so many ticks meanwhile; those
/// that passed are taken off. After that the match data may hold anything.
int32_t cmeter_match(const struct pcre2_real_code_8 *code, const uint8_t *subject, size_t count, size_t from,
                     uint32_t options, struct pcre2_real_match_data_8 *data, struct pcre2_real_match_context_8 *context,
                     int32_t *ticks);

/// In a copy of the process, which has no timers.
void cmeter_forget_timer(void);

#endif
