// The terminal of whoever runs this process, while a person speaks through it to somebody else.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "CSocketCore.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct termios before;
static int32_t changed = -1;
static pid_t changed_by;
static csys_terminal_mode changed_to;

int32_t csys_return_terminal(void) {
  pthread_mutex_lock(&lock);
  int32_t result = 0;
  // A copy of this process has not borrowed it.
  if (changed >= 0 && changed_by == getpid() && tcsetattr(changed, TCSANOW, &before) < 0) result = -errno;
  changed = -1;
  pthread_mutex_unlock(&lock);
  return result;
}

int32_t csys_end_terminal_quiet(void) {
  pthread_mutex_lock(&lock);
  bool is_quiet = changed >= 0 && changed_to == csys_terminal_quiet;
  pthread_mutex_unlock(&lock);
  return is_quiet ? csys_return_terminal() : 0;
}

static void return_at_exit(void) { csys_return_terminal(); }

static void register_return(void) { atexit(return_at_exit); }

int32_t csys_borrow_terminal(int32_t fd, csys_terminal_mode mode, uint8_t escape) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, register_return);
  pthread_mutex_lock(&lock);
  struct termios now;
  int32_t result = 0;
  if (changed < 0 && tcgetattr(fd, &before) < 0) {
    result = -errno;
  } else {
    now = before;
    if (mode == csys_terminal_keys) {
      cfmakeraw(&now);
      now.c_cc[VMIN] = 1;
      now.c_cc[VTIME] = 0;
    } else if (mode == csys_terminal_quiet) {
      now.c_lflag &= ~(tcflag_t)(ECHO | ICANON);
      now.c_cc[VMIN] = 1;
      now.c_cc[VTIME] = 0;
    } else {
      // Lines, which the escape key ends too, so that it is seen at once.
      now.c_lflag |= ICANON | ECHO | ISIG;
      now.c_iflag |= ICRNL;
      now.c_oflag |= OPOST | ONLCR;
      now.c_cc[VEOL] = escape;
    }
    changed = fd;
    changed_by = getpid();
    changed_to = mode;
    // What has been typed already stays: it is for whom it was typed.
    if (tcsetattr(fd, TCSANOW, &now) < 0) {
      result = -errno;
      changed = -1;
    }
  }
  pthread_mutex_unlock(&lock);
  return result;
}
