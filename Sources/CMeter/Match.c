// A match that is given up when it has taken too much of the processor's time. PCRE2 counts steps only from one
// starting place to the next, and a step may take as long as the subject is; so the time is measured from outside, by a
// timer that ticks while the thread computes, and a match that has had its ticks is left by a jump. Only machine code is
// called this way: it allocates nothing, holds no lock, and its stack is the caller's or a block of memory that it was
// given, so nothing is left behind.
#define _GNU_SOURCE
#include "CMeter.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

// The C library leaves it to programs; its default action is never meant.
enum { TICK = SIGVTALRM };

static _Thread_local struct {
  sigjmp_buf way_out;
  timer_t timer;
  bool has_timer, is_ticking;
  // How many ticks the match that runs may see; 0: none runs.
  volatile sig_atomic_t left;
  // Ticks since a match was begun: the timer is stopped when there is nothing to measure.
  volatile sig_atomic_t idle;
} guard;

static bool set_timer(long nanoseconds) {
  struct itimerspec time = {.it_interval = {.tv_nsec = nanoseconds}, .it_value = {.tv_nsec = nanoseconds}};
  return timer_settime(guard.timer, 0, &time, NULL) == 0;
}

static void tick(int number) {
  (void)number;
  if (guard.left > 0) {
    if (--guard.left > 0) return;
    siglongjmp(guard.way_out, 1);
  }
  if (++guard.idle < 10) return;
  set_timer(0);
  guard.is_ticking = false;
}

// False: there is no such timer here, and matches are not measured.
static bool start_ticking(void) {
  if (!guard.has_timer) {
    // A jump out of the handler must not leave the signal blocked.
    struct sigaction action = {.sa_handler = tick, .sa_flags = SA_RESTART | SA_NODEFER};
    sigemptyset(&action.sa_mask);
    if (sigaction(TICK, &action, NULL) != 0) return false;
    struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = TICK};
    event.sigev_notify_thread_id = gettid();
    if (timer_create(CLOCK_THREAD_CPUTIME_ID, &event, &guard.timer) != 0) return false;
    guard.has_timer = true;
  }
  guard.is_ticking = set_timer(CMETER_TICK_NANOSECONDS);
  return guard.is_ticking;
}

void cmeter_forget_timer(void) { guard.has_timer = guard.is_ticking = false; }

int32_t cmeter_match(const struct pcre2_real_code_8 *code, const uint8_t *subject, size_t count, size_t from,
                     uint32_t options, struct pcre2_real_match_data_8 *data, struct pcre2_real_match_context_8 *context,
                     int32_t *ticks) {
  guard.idle = 0;
  if (!guard.is_ticking && !start_ticking()) {
    return pcre2_jit_match_8(code, subject, count, from, options, data, context);
  }
  if (sigsetjmp(guard.way_out, 0) != 0) {
    *ticks = 0;
    return CMETER_GIVEN_UP;
  }
  // The first tick may come at once.
  guard.left = *ticks + 1;
  atomic_signal_fence(memory_order_seq_cst);
  int32_t result = pcre2_jit_match_8(code, subject, count, from, options, data, context);
  atomic_signal_fence(memory_order_seq_cst);
  int32_t left = guard.left - 1;
  guard.left = 0;
  *ticks = left > 0 ? left : 0;
  return result;
}
