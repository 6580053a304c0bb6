// System calls for Swift: each returns its result, or -errno.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "CSocketCore.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <net/if.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

_Thread_local void *csys_fault_plan_of_thread = NULL;

static inline int32_t result(int value) { return value < 0 ? -errno : value; }
static inline ssize_t long_result(ssize_t value) { return value < 0 ? -errno : value; }

// MARK: Sockets

int32_t csys_socket(int32_t domain, int32_t type, int32_t protocol) { return result(socket(domain, type, protocol)); }

int32_t csys_socketpair(int32_t domain, int32_t type, int32_t protocol, int32_t descriptors[2]) {
  return result(socketpair(domain, type, protocol, descriptors));
}

int32_t csys_bind(int32_t fd, const void *address, uint32_t length) { return result(bind(fd, address, length)); }

int32_t csys_listen(int32_t fd, int32_t backlog) { return result(listen(fd, backlog)); }

int32_t csys_connect(int32_t fd, const void *address, uint32_t length) { return result(connect(fd, address, length)); }

int32_t csys_accept4(int32_t fd, void *address, uint32_t *length, int32_t flags) {
  return result(accept4(fd, address, length, flags));
}

int32_t csys_shutdown(int32_t fd, int32_t how) { return result(shutdown(fd, how)); }

int32_t csys_getsockname(int32_t fd, void *address, uint32_t *length) {
  return result(getsockname(fd, address, length));
}

int32_t csys_getpeername(int32_t fd, void *address, uint32_t *length) {
  return result(getpeername(fd, address, length));
}

int32_t csys_getsockopt(int32_t fd, int32_t level, int32_t name, void *value, uint32_t *length) {
  return result(getsockopt(fd, level, name, value, length));
}

int32_t csys_setsockopt(int32_t fd, int32_t level, int32_t name, const void *value, uint32_t length) {
  return result(setsockopt(fd, level, name, value, length));
}

int32_t csys_sockatmark(int32_t fd) { return result(sockatmark(fd)); }

ssize_t csys_recv(int32_t fd, void *buffer, size_t count, int32_t flags) {
  return long_result(recv(fd, buffer, count, flags));
}

ssize_t csys_send(int32_t fd, const void *buffer, size_t count, int32_t flags) {
  return long_result(send(fd, buffer, count, flags));
}

ssize_t csys_sendto(int32_t fd, const void *buffer, size_t count, int32_t flags, const void *address,
                    uint32_t length) {
  return long_result(sendto(fd, buffer, count, flags, address, length));
}

ssize_t csys_sendmsg(int32_t fd, const struct iovec *vectors, size_t vector_count, int32_t flags) {
  struct msghdr message = {.msg_iov = (struct iovec *)vectors, .msg_iovlen = vector_count};
  return long_result(sendmsg(fd, &message, flags));
}

ssize_t csys_recvmsg(int32_t fd, void *buffer, size_t count, int32_t flags, void *address, uint32_t *length,
                     int32_t *received_flags) {
  struct iovec vector = {.iov_base = buffer, .iov_len = count};
  struct msghdr message = {.msg_name = address, .msg_namelen = *length, .msg_iov = &vector, .msg_iovlen = 1};
  ssize_t received = recvmsg(fd, &message, flags);
  if (received < 0) return -errno;
  *length = message.msg_namelen;
  *received_flags = message.msg_flags;
  return received;
}

// Room for the descriptors, and for what else an option may have the kernel put beside them.
union control {
  char bytes[CMSG_SPACE(CSYS_MAXIMUM_DESCRIPTOR_COUNT * sizeof(int)) + 256];
  struct cmsghdr header;
};

ssize_t csys_send_descriptors(int32_t fd, const void *buffer, size_t count, int32_t flags, const void *address,
                              uint32_t length, const int32_t *descriptors, int32_t descriptor_count) {
  if (descriptor_count < 1 || descriptor_count > CSYS_MAXIMUM_DESCRIPTORS) return -EINVAL;
  union control control;
  size_t size = (size_t)descriptor_count * sizeof(int);
  struct iovec vector = {.iov_base = (void *)buffer, .iov_len = count};
  struct msghdr message = {.msg_name = (void *)address,
                           .msg_namelen = address ? length : 0,
                           .msg_iov = &vector,
                           .msg_iovlen = 1,
                           .msg_control = control.bytes,
                           .msg_controllen = CMSG_SPACE(size)};
  memset(control.bytes, 0, CMSG_SPACE(size));
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(size);
  memcpy(CMSG_DATA(header), descriptors, size);
  return long_result(sendmsg(fd, &message, flags));
}

ssize_t csys_receive_descriptors(int32_t fd, void *buffer, size_t count, int32_t flags, void *address,
                                 uint32_t *length, int32_t *received_flags, int32_t *descriptors,
                                 int32_t *descriptor_count, struct csys_arrival *arrival) {
  union control control;
  struct iovec vector = {.iov_base = buffer, .iov_len = count};
  struct msghdr message = {.msg_name = address,
                           .msg_namelen = address ? *length : 0,
                           .msg_iov = &vector,
                           .msg_iovlen = 1,
                           .msg_control = control.bytes,
                           .msg_controllen = sizeof control.bytes};
  *descriptor_count = 0;
  ssize_t received = recvmsg(fd, &message, flags | MSG_CMSG_CLOEXEC);
  if (received < 0) return -errno;
  if (address) *length = message.msg_namelen;
  *received_flags = message.msg_flags;
  if (arrival) *arrival = csys_no_arrival();
  for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET) continue;
    if (arrival) csys_note_socket_arrival(arrival, header);
    if (header->cmsg_type != SCM_RIGHTS) continue;
    int32_t here = (int32_t)((header->cmsg_len - CMSG_LEN(0)) / sizeof(int));
    for (int32_t at = 0; at < here; at++) {
      int one;
      memcpy(&one, CMSG_DATA(header) + (size_t)at * sizeof one, sizeof one);
      if (*descriptor_count < CSYS_MAXIMUM_DESCRIPTORS) {
        descriptors[(*descriptor_count)++] = one;
      } else {
        close(one);
        *received_flags |= MSG_CTRUNC;
      }
    }
  }
  return received;
}

// MARK: Descriptors

ssize_t csys_read(int32_t fd, void *buffer, size_t count) { return long_result(read(fd, buffer, count)); }

ssize_t csys_write(int32_t fd, const void *buffer, size_t count) { return long_result(write(fd, buffer, count)); }

#ifndef RWF_NOWAIT
#define RWF_NOWAIT 8
#endif

// How the standard streams are written to without waiting; found out once, so that a write stays one call.
enum { WAY_UNKNOWN, WAY_PLAIN, WAY_NOWAIT, WAY_POLL, WAY_OWN };
static _Atomic signed char ways[3];
static _Atomic int32_t own[3];

// A terminal takes no RWF_NOWAIT, and POLLOUT of it promises one byte only, while the end of a line takes two. It can
// be opened once more, where the process may: that file is this process's own, and can be non-blocking.
static signed char way_of_terminal(int32_t fd) {
  if (!isatty(fd)) return WAY_POLL;
  char path[] = "/proc/self/fd/0";
  path[sizeof path - 2] = (char)('0' + fd);
  int again = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (again < 0) return WAY_POLL;
  own[fd] = again;
  return WAY_OWN;
}

ssize_t csys_write_now(int32_t fd, const void *buffer, size_t count) {
  signed char way = fd >= 0 && fd < 3 ? ways[fd] : WAY_NOWAIT;
  if (way == WAY_UNKNOWN) {
    struct stat status;
    if (fstat(fd, &status) != 0) return -errno;
    // A file takes all of it.
    way = ways[fd] = S_ISREG(status.st_mode) || S_ISBLK(status.st_mode) ? WAY_PLAIN : WAY_NOWAIT;
  }
  if (way == WAY_OWN) return long_result(write(own[fd], buffer, count));
  if (way == WAY_PLAIN) return long_result(write(fd, buffer, count));
  if (way == WAY_NOWAIT) {
    // By number: musl has had the function only since 1.2.5. The position is -1: the file's own.
    struct iovec vector = {.iov_base = (void *)buffer, .iov_len = count};
    long done = syscall(SYS_pwritev2, fd, &vector, 1UL, -1L, -1L, RWF_NOWAIT);
    if (done >= 0 || (errno != EOPNOTSUPP && errno != ENOSYS && errno != EINVAL)) return long_result(done);
    // Terminals, and pipes before Linux 6.4.
    if (fd >= 0 && fd < 3) ways[fd] = way_of_terminal(fd);
    if (fd >= 0 && fd < 3 && ways[fd] == WAY_OWN) return long_result(write(own[fd], buffer, count));
  }
  struct pollfd entry = {.fd = fd, .events = POLLOUT};
  struct timespec none = {0};
  int ready = ppoll(&entry, 1, &none, NULL);
  if (ready < 0) return -errno;
  if (ready == 0) return -EAGAIN;
  // POLLOUT promises so much of a pipe, unless another process is faster; a terminal takes less at a time anyway.
  return long_result(write(fd, buffer, count < PIPE_BUF ? count : PIPE_BUF));
}

int32_t csys_close(int32_t fd) { return result(close(fd)); }

int32_t csys_dup3(int32_t fd, int32_t number) { return result(dup3(fd, number, O_CLOEXEC)); }

int32_t csys_pipe2(int32_t descriptors[2]) { return result(pipe2(descriptors, O_CLOEXEC)); }

ssize_t csys_splice(int32_t from, int32_t to, size_t count) {
  return long_result(splice(from, NULL, to, NULL, count, SPLICE_F_MOVE | SPLICE_F_NONBLOCK));
}

int32_t csys_set_pipe_size(int32_t fd, int32_t size) { return result(fcntl(fd, F_SETPIPE_SZ, size)); }

int32_t csys_open_null(void) { return result(open("/dev/null", O_RDWR | O_CLOEXEC)); }

bool csys_is_terminal(int32_t fd) { return isatty(fd) == 1; }

int32_t csys_get_nonblocking(int32_t fd) {
  int flags = fcntl(fd, F_GETFL);
  return flags < 0 ? -errno : (flags & O_NONBLOCK) != 0;
}

int32_t csys_set_nonblocking(int32_t fd, bool nonblocking) {
  int flags = fcntl(fd, F_GETFL);
  if (flags < 0) return -errno;
  int wanted = nonblocking ? flags | O_NONBLOCK : flags & ~O_NONBLOCK;
  return wanted == flags ? 0 : result(fcntl(fd, F_SETFL, wanted));
}

int32_t csys_duplicate(int32_t fd) { return result(fcntl(fd, F_DUPFD_CLOEXEC, 3)); }

int32_t csys_get_close_on_exec(int32_t fd) {
  int flags = fcntl(fd, F_GETFD);
  return flags < 0 ? -errno : (flags & FD_CLOEXEC) != 0;
}

int32_t csys_set_close_on_exec(int32_t fd) { return result(fcntl(fd, F_SETFD, FD_CLOEXEC)); }

int32_t csys_getrlimit_nofile(uint64_t *soft, uint64_t *hard) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) < 0) return -errno;
  *soft = limit.rlim_cur;
  *hard = limit.rlim_max;
  return 0;
}

int32_t csys_setrlimit_nofile(uint64_t soft, uint64_t hard) {
  struct rlimit limit = {.rlim_cur = soft, .rlim_max = hard};
  return result(setrlimit(RLIMIT_NOFILE, &limit));
}

// MARK: Waiting

static struct timespec timespec_of(int64_t nanoseconds) {
  return (struct timespec){.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000};
}

int32_t csys_poll(int32_t fd, bool readable, bool writable, int64_t timeout_nanoseconds) {
  struct pollfd entry = {.fd = fd, .events = (readable ? POLLIN : 0) | (writable ? POLLOUT : 0)};
  struct timespec timeout = timespec_of(timeout_nanoseconds);
  return result(ppoll(&entry, 1, timeout_nanoseconds < 0 ? NULL : &timeout, NULL));
}

// poll and epoll have the same bits on Linux; POLLNVAL, which epoll lacks, is told as an error.
_Static_assert(POLLIN == EPOLLIN && POLLPRI == EPOLLPRI && POLLERR == EPOLLERR && POLLHUP == EPOLLHUP &&
                   POLLRDHUP == EPOLLRDHUP,
               "poll's bits are epoll's");

int32_t csys_poll_beside(int32_t fd, uint32_t *events, int32_t epoll, int64_t timeout_nanoseconds) {
  struct pollfd entries[2] = {{.fd = fd, .events = POLLIN | POLLPRI | POLLRDHUP}, {.fd = epoll, .events = POLLIN}};
  struct timespec timeout = timespec_of(timeout_nanoseconds);
  if (ppoll(entries, 2, timeout_nanoseconds < 0 ? NULL : &timeout, NULL) < 0) return -errno;
  short came = entries[0].revents;
  *events = (uint16_t)(came & POLLNVAL ? POLLERR : came);
  return (came != 0) + 2 * (entries[1].revents != 0);
}

int32_t csys_epoll_create(void) { return result(epoll_create1(EPOLL_CLOEXEC)); }

int32_t csys_epoll_ctl(int32_t epoll, int32_t operation, int32_t fd, uint32_t events, uint64_t token) {
  struct epoll_event event = {.events = events, .data = {.u64 = token}};
  return result(epoll_ctl(epoll, operation, fd, &event));
}

int32_t csys_epoll_wait(int32_t epoll, struct epoll_event *events, int32_t capacity, int64_t timeout_nanoseconds) {
  // The two commonest, for ever and not at all, need no nanoseconds.
  if (timeout_nanoseconds <= 0) return result(epoll_wait(epoll, events, capacity, timeout_nanoseconds < 0 ? -1 : 0));
  struct timespec timeout = timespec_of(timeout_nanoseconds);
  int count = epoll_pwait2(epoll, events, capacity, &timeout, NULL);
  if (count < 0 && errno == ENOSYS) {
    int64_t milliseconds = timeout_nanoseconds / 1000000 >= INT_MAX
                               ? INT_MAX
                               : timeout_nanoseconds / 1000000 + (timeout_nanoseconds % 1000000 != 0);
    count = epoll_wait(epoll, events, capacity, (int)milliseconds);
  }
  return result(count);
}

int32_t csys_eventfd(void) { return result(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)); }

int64_t csys_monotonic_nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

// MARK: Names

const char *csys_errno_name(int32_t number) { return strerrorname_np(number); }

const char *csys_errno_message(int32_t number) { return strerrordesc_np(number); }

uint32_t csys_interface_index(const char *name) { return if_nametoindex(name); }

bool csys_interface_name(uint32_t index, char buffer[16]) { return if_indextoname(index, buffer) != NULL; }

int32_t csys_protocol_number(const char *name) {
  struct protoent entry, *found = NULL;
  char buffer[4096];
  return getprotobyname_r(name, &entry, buffer, sizeof buffer, &found) == 0 && found ? found->p_proto : -1;
}

bool csys_protocol_name(int32_t number, char *buffer, size_t capacity) {
  struct protoent entry, *found = NULL;
  char scratch[4096];
  if (getprotobynumber_r(number, &entry, scratch, sizeof scratch, &found) != 0 || !found) return false;
  size_t length = strlen(found->p_name);
  if (length >= capacity) return false;
  memcpy(buffer, found->p_name, length + 1);
  return true;
}

int32_t csys_getaddrinfo(const char *host, const char *service, const struct addrinfo *hints, struct addrinfo **found,
                         int32_t *error) {
  int code = getaddrinfo(host, service, hints, found);
  *error = code == EAI_SYSTEM ? errno : 0;
  return code;
}

int32_t csys_getnameinfo(const void *address, uint32_t length, char *buffer, uint32_t capacity, int32_t *error) {
  int code = getnameinfo(address, length, buffer, capacity, NULL, 0, NI_NAMEREQD);
  *error = code == EAI_SYSTEM ? errno : 0;
  return code;
}

void csys_keep_freed_memory(int32_t map_from, int32_t keep) {
#ifdef __GLIBC__
  mallopt(M_MMAP_THRESHOLD, map_from);
  mallopt(M_TRIM_THRESHOLD, keep);
#else
  (void)map_from;
  (void)keep;
#endif
}
