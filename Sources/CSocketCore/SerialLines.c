// Serial lines. By the kernel's own struct termios2, which takes any rate and tells what has come of it, and which does
// not go together with the C library's <termios.h>.
#include "CSocketCore.h"

#include <asm/termbits.h>
#include <errno.h>
#include <sys/ioctl.h>

static const tcflag_t format_flags = CSIZE | PARENB | PARODD | CSTOPB | CRTSCTS;

int32_t csys_set_up_line(int32_t fd, const struct csys_line_request *request, struct csys_line_outcome *outcome) {
  struct termios2 line;
  if (ioctl(fd, TCGETS2, &line) < 0) return -errno;
  // As cfmakeraw(3) has it.
  line.c_iflag &= ~(tcflag_t)(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON | IXOFF | IXANY);
  line.c_oflag &= ~(tcflag_t)OPOST;
  line.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
  line.c_cc[VMIN] = 1;
  line.c_cc[VTIME] = 0;
  static const tcflag_t sizes[] = {CS5, CS6, CS7, CS8};
  tcflag_t format = sizes[request->data_bits - 5] | (request->stop_bits == 2 ? CSTOPB : 0);
  if (request->parity != 'N') format |= PARENB | (request->parity == 'O' ? PARODD : 0);
  if (request->has_hardware_flow) format |= CRTSCTS;
  if (request->has_software_flow) line.c_iflag |= IXON | IXOFF;
  // Whether somebody is there is not for the modem lines to say.
  line.c_cflag = (line.c_cflag & ~format_flags) | format | CREAD | CLOCAL;
  if (request->rate > 0) {
    line.c_cflag = (line.c_cflag & ~(tcflag_t)(CBAUD | CIBAUD)) | BOTHER;
    line.c_ispeed = line.c_ospeed = request->rate;
  }
  if (ioctl(fd, TCSETS2, &line) < 0) return -errno;
  if (ioctl(fd, TCGETS2, &line) < 0) return -errno;
  outcome->rate = line.c_ospeed;
  outcome->has_format = (line.c_cflag & format_flags) == format;
  return 0;
}
