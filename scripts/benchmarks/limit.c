/* The limit: servers that make no system call more than the work needs, and do nothing between two. What any other
   server takes is told as a multiple of what these take.

     limit ROLE PORT     serves 127.0.0.1:PORT until a signal ends it
       echo              sends back what comes
       datagrams         sends back what comes by UDP
       lines             sends back each line in upper case, all whole lines of a read in one write
       exchange          the server of IO::Socket's manual page: receives once, sends "ok", closes
     limit               does nothing: what the start of a process costs

   One thread, level-triggered epoll. What the socket does not take at once is kept, and the connection is not read
   until it has gone. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { chunk = 64 * 1024, most_descriptors = 1 << 20 };

/* What a connection still has to do: bytes of its buffer that are to be sent, and behind them the part of a line. */
struct pending {
  char *bytes;
  int first, ready, part;
};

static struct pending *pending[most_descriptors];
static char buffer[2 * chunk];
static int events, listener, is_lines;

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static void watch(int operation, int descriptor, unsigned what) {
  struct epoll_event event = {.events = what, .data.fd = descriptor};
  if (epoll_ctl(events, operation, descriptor, &event) < 0) fail("epoll_ctl");
}

static void hang_up(int descriptor) {
  if (pending[descriptor]) free(pending[descriptor]->bytes);
  free(pending[descriptor]);
  pending[descriptor] = NULL;
  close(descriptor);
}

/* Sends `ready` bytes; keeps what the socket does not take and the `part` of a line behind it. */
static void send_or_keep(int descriptor, const char *bytes, int ready, int part) {
  int sent = 0;
  while (sent < ready) {
    ssize_t count = send(descriptor, bytes + sent, ready - sent, MSG_NOSIGNAL);
    if (count < 0 && errno == EAGAIN) break;
    if (count < 0) {
      hang_up(descriptor);
      return;
    }
    sent += count;
  }
  struct pending *rest = pending[descriptor];
  int was_full = rest && rest->ready > 0;
  if (sent < ready || part > 0) {
    if (!rest) {
      pending[descriptor] = rest = calloc(1, sizeof *rest);
      if (!rest || !(rest->bytes = malloc(sizeof buffer))) fail("malloc");
    }
    memmove(rest->bytes, bytes + sent, ready - sent + part);
    rest->first = 0;
    rest->ready = ready - sent;
    rest->part = part;
  } else if (rest) {
    rest->ready = rest->part = 0;
  }
  if (was_full != (sent < ready)) watch(EPOLL_CTL_MOD, descriptor, sent < ready ? EPOLLOUT : EPOLLIN);
}

static void serve(int descriptor) {
  struct pending *rest = pending[descriptor];
  if (rest && rest->ready > 0) {
    send_or_keep(descriptor, rest->bytes, rest->ready, rest->part);
    return;
  }
  int part = rest ? rest->part : 0;
  if (part > 0) memcpy(buffer, rest->bytes, part);
  ssize_t count = recv(descriptor, buffer + part, chunk, 0);
  if (count < 0 && errno == EAGAIN) return;
  if (count <= 0) {
    hang_up(descriptor);
    return;
  }
  int all = part + count;
  if (!is_lines) {
    send_or_keep(descriptor, buffer, all, 0);
    return;
  }
  char *last = memrchr(buffer + part, '\n', count);
  int whole = last ? last + 1 - buffer : 0;
  if (all - whole > chunk) {
    hang_up(descriptor);
    return;
  }
  for (int i = 0; i < whole; i++) buffer[i] -= (buffer[i] >= 'a' && buffer[i] <= 'z') * ('a' - 'A');
  send_or_keep(descriptor, buffer, whole, all - whole);
}

static void serve_all(void) {
  struct epoll_event ready[512];
  events = epoll_create1(0);
  if (events < 0) fail("epoll_create1");
  watch(EPOLL_CTL_ADD, listener, EPOLLIN);
  for (;;) {
    int count = epoll_wait(events, ready, 512, -1);
    for (int i = 0; i < count; i++) {
      if (ready[i].data.fd != listener) {
        serve(ready[i].data.fd);
        continue;
      }
      int descriptor = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (descriptor >= 0) watch(EPOLL_CTL_ADD, descriptor, EPOLLIN);
    }
  }
}

static void answer_all(void) {
  struct epoll_event ready;
  events = epoll_create1(0);
  if (events < 0) fail("epoll_create1");
  watch(EPOLL_CTL_ADD, listener, EPOLLIN);
  for (;;) {
    epoll_wait(events, &ready, 1, -1);
    struct sockaddr_in peer;
    socklen_t size = sizeof peer;
    ssize_t count = recvfrom(listener, buffer, chunk, 0, (struct sockaddr *)&peer, &size);
    if (count >= 0) sendto(listener, buffer, count, 0, (struct sockaddr *)&peer, size);
  }
}

static void exchange_all(void) {
  for (;;) {
    struct sockaddr_in peer;
    socklen_t size = sizeof peer;
    char host[INET_ADDRSTRLEN];
    int descriptor = accept4(listener, (struct sockaddr *)&peer, &size, SOCK_CLOEXEC);
    if (descriptor < 0) continue;
    inet_ntop(AF_INET, &peer.sin_addr, host, sizeof host);
    ssize_t count = recv(descriptor, buffer, 1024, 0);
    printf("Connection from %s:%d\n", host, ntohs(peer.sin_port));
    printf("received data: %.*s\n", (int)(count > 0 ? count : 0), buffer);
    fflush(stdout);
    if (send(descriptor, "ok", 2, MSG_NOSIGNAL) == 2) shutdown(descriptor, SHUT_WR);
    close(descriptor);
  }
}

int main(int count, char **words) {
  if (count == 1) return 0;
  if (count != 3) {
    fprintf(stderr, "limit echo|datagrams|lines|exchange PORT\n");
    return 2;
  }
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    limit.rlim_cur = limit.rlim_max < most_descriptors ? limit.rlim_max : most_descriptors;
    setrlimit(RLIMIT_NOFILE, &limit);
  }
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(words[2])),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int yes = 1, is_exchange = strcmp(words[1], "exchange") == 0;
  int is_datagrams = strcmp(words[1], "datagrams") == 0, kind = is_datagrams ? SOCK_DGRAM : SOCK_STREAM;
  is_lines = strcmp(words[1], "lines") == 0;
  listener = socket(AF_INET, kind | SOCK_CLOEXEC | (is_exchange ? 0 : SOCK_NONBLOCK), 0);
  if (listener < 0) fail("socket");
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0) fail("bind");
  if (is_datagrams) answer_all();
  if (listen(listener, SOMAXCONN) < 0) fail("listen");
  if (is_exchange) exchange_all();
  serve_all();
}
