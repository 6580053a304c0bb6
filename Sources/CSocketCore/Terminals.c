// Pseudo-terminals, and what is asked of any terminal.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "CSocketCore.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

static int32_t result(int value) { return value < 0 ? -errno : value; }

// The program's side of a pseudo-terminal. TIOCGPTPEER (Linux 4.13) needs no /dev/pts of the right mount.
static int open_slave(int master) {
#ifdef TIOCGPTPEER
  int peer = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (peer >= 0) return peer;
#endif
  char name[64];
  int error = ptsname_r(master, name, sizeof name);
  if (error != 0) {
    errno = error;
    return -1;
  }
  return open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
}

static int set_up(int master, int slave, const struct csys_terminal_request *request) {
  struct termios settings;
  if (tcgetattr(slave, &settings) < 0) return -1;
  // An erased character of UTF-8 goes with all its bytes.
  settings.c_iflag |= IUTF8;
  if (request->raw) cfmakeraw(&settings);
  settings.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
  if (request->echoes) settings.c_lflag |= ECHO;
  if (tcsetattr(slave, TCSANOW, &settings) < 0) return -1;
  struct winsize size = {.ws_row = request->rows, .ws_col = request->columns};
  return ioctl(master, TIOCSWINSZ, &size);
}

int32_t csys_open_terminal(const struct csys_terminal_request *request, int32_t descriptors[2]) {
  descriptors[0] = descriptors[1] = -1;
  int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
  if (master < 0) return -errno;
  int slave = grantpt(master) == 0 && unlockpt(master) == 0 ? open_slave(master) : -1;
  if (slave < 0 || set_up(master, slave, request) < 0) {
    int error = errno;
    if (slave >= 0) close(slave);
    close(master);
    return -error;
  }
  descriptors[0] = master;
  descriptors[1] = slave;
  return 0;
}

int32_t csys_terminal_state(int32_t fd, struct csys_terminal_state *state) {
  struct termios settings;
  if (tcgetattr(fd, &settings) < 0) return -errno;
  const cc_t *characters = settings.c_cc;
  *state = (struct csys_terminal_state){
      .is_canonical = (settings.c_lflag & ICANON) != 0,
      .echoes = (settings.c_lflag & ECHO) != 0,
      .has_signals = (settings.c_lflag & ISIG) != 0,
      .takes_return = (settings.c_iflag & ICRNL) != 0 && (settings.c_iflag & IGNCR) == 0,
      .end_of_file = characters[VEOF],
      .end_of_line = {characters[VEOL], characters[VEOL2]},
      .emptying = {characters[VKILL], characters[VINTR], characters[VQUIT], characters[VSUSP]},
      .erase = characters[VERASE],
      .literal = (settings.c_lflag & IEXTEN) != 0 ? characters[VLNEXT] : 0,
  };
  return 0;
}

int32_t csys_set_window(int32_t fd, uint16_t columns, uint16_t rows) {
  struct winsize size = {.ws_row = rows, .ws_col = columns};
  return result(ioctl(fd, TIOCSWINSZ, &size));
}

int32_t csys_get_window(int32_t fd, uint16_t *columns, uint16_t *rows) {
  struct winsize size;
  if (ioctl(fd, TIOCGWINSZ, &size) < 0) return -errno;
  *columns = size.ws_col;
  *rows = size.ws_row;
  return 0;
}

int32_t csys_open_device(const char *path, bool reading, bool writing) {
  int flags = reading && writing ? O_RDWR : writing ? O_WRONLY : O_RDONLY;
  return result(open(path, flags | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
}

bool csys_is_own_terminal(int32_t fd) {
  pid_t session = tcgetsid(fd);
  return session > 0 && session == getsid(0);
}
