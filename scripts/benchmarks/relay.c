// The limit of a relay: one thread, epoll, a pipe for each direction, and splice(2) from socket to socket.
//
//   relay UPSTREAM PORT   both on 127.0.0.1
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PIPE = 1 << 20, EVENTS = 64 };

struct side {
  int fd;
  int pipe[2];     // from this side to the other
  size_t held;     // in the pipe
  int ended;       // nothing more comes from this side
  int told;        // the other side knows
  struct side *other;
};

static int poller;

static void die(const char *what) {
  perror(what);
  exit(1);
}

static int tcp(int port, struct sockaddr_in *address) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
  if (fd < 0) die("socket");
  memset(address, 0, sizeof *address);
  address->sin_family = AF_INET;
  address->sin_port = htons((uint16_t)port);
  address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return fd;
}

// Moves what there is from one side to the other. Not 0: the two are done with.
static int move(struct side *from) {
  struct side *to = from->other;
  for (;;) {
    if (from->held == 0 && !from->ended) {
      ssize_t got = splice(from->fd, NULL, from->pipe[1], NULL, PIPE, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
      if (got < 0) return errno != EAGAIN;
      if (got == 0) from->ended = 1;
      from->held += (size_t)got;
    }
    if (from->held == 0) {
      if (!from->told) shutdown(to->fd, SHUT_WR);
      from->told = 1;
      return to->told;
    }
    ssize_t put = splice(from->pipe[0], NULL, to->fd, NULL, from->held, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    if (put < 0) return errno != EAGAIN;
    from->held -= (size_t)put;
  }
}

static void begin(int client, int upstream) {
  struct side *pair = calloc(2, sizeof *pair);
  if (!pair) die("calloc");
  struct sockaddr_in address;
  int on = 1;
  pair[0].fd = client;
  pair[1].fd = tcp(upstream, &address);
  if (connect(pair[1].fd, (struct sockaddr *)&address, sizeof address) != 0) die("connect");
  fcntl(pair[1].fd, F_SETFL, O_NONBLOCK);
  setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  for (int i = 0; i < 2; i++) {
    pair[i].other = &pair[1 - i];
    if (pipe2(pair[i].pipe, O_CLOEXEC) != 0) die("pipe2");
    fcntl(pair[i].pipe[1], F_SETPIPE_SZ, PIPE);
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = &pair[i]};
    if (epoll_ctl(poller, EPOLL_CTL_ADD, pair[i].fd, &event) != 0) die("epoll_ctl");
  }
}

int main(int count, char **arguments) {
  if (count != 3) return 2;
  signal(SIGPIPE, SIG_IGN);
  struct sockaddr_in address;
  int listener = tcp(atoi(arguments[2]), &address);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0) die("bind");
  if (listen(listener, 128) != 0) die("listen");
  poller = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
  epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event);
  for (;;) {
    struct epoll_event events[EVENTS];
    int ready = epoll_wait(poller, events, EVENTS, -1);
    for (int i = 0; i < ready; i++) {
      struct side *side = events[i].data.ptr;
      if (!side) {
        int client = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (client >= 0) begin(client, atoi(arguments[1]));
        continue;
      }
      if (!side->other) continue;
      if (move(side) | move(side->other)) {
        struct side *other = side->other;
        side->other = other->other = NULL;
        for (int n = 0; n < 2; n++) {
          struct side *one = n ? other : side;
          close(one->fd);
          close(one->pipe[0]);
          close(one->pipe[1]);
          // Its memory stays: an event of this round may still name it.
        }
      }
    }
  }
}
