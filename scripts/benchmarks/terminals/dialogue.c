// The same with nothing that it does not need: what the kernel and `cat` take. dialogue COUNT
#define _GNU_SOURCE
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <utmp.h>

int main(int count, char **arguments) {
  if (count != 2) return 2;
  int master, slave;
  struct termios settings;
  if (openpty(&master, &slave, NULL, NULL, NULL) < 0 || tcgetattr(slave, &settings) < 0) return 1;
  settings.c_lflag &= ~(tcflag_t)ECHO;
  if (tcsetattr(slave, TCSANOW, &settings) < 0) return 1;
  pid_t program = fork();
  if (program < 0) return 1;
  if (program == 0) {
    close(master);
    if (login_tty(slave) < 0) _exit(1);
    execlp("cat", "cat", (char *)NULL);
    _exit(1);
  }
  close(slave);
  long lines = strtol(arguments[1], NULL, 10);
  for (long n = 1; n <= lines; n++) {
    char line[64], answer[256];
    int length = snprintf(line, sizeof line, "HELO %ld\r", n);
    if (write(master, line, (size_t)length) != length) return 1;
    size_t got = 0;
    while (got < (size_t)length + 1) {
      struct pollfd entry = {.fd = master, .events = POLLIN};
      if (poll(&entry, 1, 5000) != 1) return 1;
      ssize_t more = read(master, answer + got, sizeof answer - got);
      if (more <= 0) return 1;
      got += (size_t)more;
    }
    if (memcmp(answer, line, (size_t)length - 1) != 0) return 1;
  }
  kill(program, SIGKILL);
  return waitpid(program, NULL, 0) == program ? 0 : 1;
}
