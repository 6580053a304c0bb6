/* The load: one client process that works a server on 127.0.0.1 and holds every answer to what it must be.

     load MODE PORT CONNECTIONS AMOUNT
       rounds      each connection sends 64 bytes and waits for them
       datagrams   the same by UDP, each connection a socket of its own
       lines       each keeps 64 lines of 32 bytes in flight, and wants them back in upper case
       connects    connect, send 64 bytes, receive them, close; CONNECTIONS at a time
       exchanges   connect, send "Hello World!", read "ok" to the end of the stream, close; one at a time
       stream      one connection sends without end and reads what is sent back; AMOUNT counts MiB
       idle        opens CONNECTIONS, one round on each, says so, and waits until its standard input ends
     AMOUNT is a number of operations, or with an `s` behind it of seconds: 0.2s.

   Prints the operations done and the seconds they took (the opening of lasting connections is not among them). The
   exit status is 1 after a wrong answer, and when nothing comes for ten seconds. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { message = 64, line = 32, in_flight = 64, chunk = 64 * 1024, patience_ms = 10000 };

/* `sent` and `received` count bytes since the connection was opened. */
struct connection {
  int descriptor;
  int64_t sent, received;
};

static struct sockaddr_in server = {.sin_family = AF_INET};
static struct connection *connections;
static int connection_count, events;
static int64_t operations, wanted;
static double time_limit, started;
/* What is sent repeats after `period` bytes; so does what must come back. */
static char question[3 * chunk], answer[3 * chunk], buffer[chunk];
static int period;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

static void fail(const char *what) {
  fprintf(stderr, "load: %s%s%s, after %lld operations\n", what, errno ? ": " : "", errno ? strerror(errno) : "",
          (long long)operations);
  exit(1);
}

static int kind = SOCK_STREAM;

static int is_done(void) { return wanted ? operations >= wanted : now() - started >= time_limit; }

static void finish(void) {
  printf("%lld %.9f\n", (long long)operations, now() - started);
  exit(0);
}

static void watch(int operation, int index, unsigned what) {
  struct epoll_event event = {.events = what, .data.u32 = index};
  if (epoll_ctl(events, operation, connections[index].descriptor, &event) < 0) fail("epoll_ctl");
}

static int open_connection(void) {
  int yes = 1, descriptor = socket(AF_INET, kind | SOCK_CLOEXEC, 0);
  struct timeval patience = {.tv_sec = patience_ms / 1000};
  if (descriptor < 0) fail("socket");
  setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (kind == SOCK_STREAM) setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  if (connect(descriptor, (struct sockaddr *)&server, sizeof server) < 0) fail("connect");
  return descriptor;
}

static void send_all(struct connection *connection, int count) {
  const char *bytes = question + connection->sent % period;
  if (send(connection->descriptor, bytes, count, MSG_NOSIGNAL) != count) fail("send");
  connection->sent += count;
}

/* Takes what is there and holds it to what must come; the number of bytes. */
static int receive(struct connection *connection, int flags) {
  ssize_t count = recv(connection->descriptor, buffer, sizeof buffer, flags);
  if (count < 0 && errno == EAGAIN && flags & MSG_DONTWAIT) return 0;
  if (count == 0) errno = ECONNRESET;
  if (count <= 0) fail("recv");
  errno = 0;
  if (memcmp(buffer, answer + connection->received % period, count) != 0) fail("a wrong answer");
  connection->received += count;
  if (connection->received > connection->sent) fail("more came back than was sent");
  return count;
}

/* One connection needs no poller between the server and its answer. */
static void rounds_of_one(void) {
  struct connection *connection = connections;
  while (!is_done()) {
    send_all(connection, message);
    while (connection->received < connection->sent) receive(connection, 0);
    operations++;
  }
}

static void turn_of(int index, int is_lines, int is_connects) {
  struct connection *connection = connections + index;
  int64_t before = connection->received;
  receive(connection, MSG_DONTWAIT);
  if (is_lines) {
    int lines = connection->received / line - before / line;
    operations += lines;
    if (lines) send_all(connection, lines * line);
    return;
  }
  if (connection->received < connection->sent) return;
  operations++;
  if (is_connects) {
    close(connection->descriptor);
    *connection = (struct connection){.descriptor = open_connection()};
    watch(EPOLL_CTL_ADD, index, EPOLLIN);
  }
  send_all(connection, message);
}

static void many(int is_lines, int is_connects) {
  struct epoll_event ready[256];
  for (int i = 0; i < connection_count; i++) send_all(connections + i, is_lines ? in_flight * line : message);
  while (!is_done()) {
    int count = epoll_wait(events, ready, 256, patience_ms);
    if (count == 0) fail("nothing came for 10 s");
    for (int i = 0; i < count; i++) turn_of(ready[i].data.u32, is_lines, is_connects);
  }
}

static void exchanges(void) {
  while (!is_done()) {
    char got[16];
    int have = 0;
    int descriptor = open_connection();
    if (send(descriptor, "Hello World!", 12, MSG_NOSIGNAL) != 12) fail("send");
    for (;;) {
      ssize_t count = recv(descriptor, got + have, sizeof got - have, 0);
      if (count < 0) fail("recv");
      if (count == 0) break;
      have += count;
    }
    errno = 0;
    if (have != 2 || memcmp(got, "ok", 2) != 0) fail("a wrong answer");
    close(descriptor);
    operations++;
  }
}

static void stream(void) {
  struct connection *connection = connections;
  struct epoll_event ready;
  while (!is_done()) {
    if (epoll_wait(events, &ready, 1, patience_ms) == 0) fail("nothing came for 10 s");
    if (ready.events & EPOLLIN) {
      receive(connection, MSG_DONTWAIT);
      operations = connection->received >> 20;
    }
    if (ready.events & EPOLLOUT) {
      const char *bytes = question + connection->sent % period;
      ssize_t count = send(connection->descriptor, bytes, chunk, MSG_DONTWAIT | MSG_NOSIGNAL);
      if (count < 0 && errno != EAGAIN) fail("send");
      if (count > 0) connection->sent += count;
    }
  }
}

/* The numbers are printed when the server can be looked at; the connections last until the reader has done so. */
static void idle(void) {
  for (int i = 0; i < connection_count; i++) {
    struct connection *connection = connections + i;
    send_all(connection, message);
    while (connection->received < connection->sent) receive(connection, 0);
    operations++;
  }
  printf("%lld %.9f\n", (long long)operations, now() - started);
  fflush(stdout);
  while (read(STDIN_FILENO, buffer, sizeof buffer) > 0) continue;
  exit(0);
}

/* Text without a short period, so that bytes lost or doubled show; in lines, every 32nd ends one. */
static void make_texts(int is_lines) {
  uint32_t state = 1;
  period = chunk;
  for (int i = 0; i < 3 * chunk; i++) {
    state = state * 1664525 + 1013904223;
    question[i] = i >= period ? question[i - period] : "abcdefghijklmnopqrstuvwxyz 01234"[state >> 27];
    if (is_lines && i % line == line - 1) question[i] = '\n';
    answer[i] = is_lines && question[i] >= 'a' && question[i] <= 'z' ? question[i] - 'a' + 'A' : question[i];
  }
}

int main(int count, char **words) {
  if (count != 5) {
    fprintf(stderr, "load rounds|datagrams|lines|connects|exchanges|stream|idle PORT CONNECTIONS AMOUNT\n");
    return 2;
  }
  const char *mode = words[1];
  int is_lines = strcmp(mode, "lines") == 0, is_stream = strcmp(mode, "stream") == 0;
  int is_rounds = strcmp(mode, "rounds") == 0;
  if (strcmp(mode, "datagrams") == 0) {
    kind = SOCK_DGRAM;
    is_rounds = 1;
  }
  server.sin_port = htons(atoi(words[2]));
  server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  connection_count = atoi(words[3]);
  if (strchr(words[4], 's')) time_limit = atof(words[4]);
  else wanted = atoll(words[4]);
  make_texts(is_lines);

  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
  }
  events = epoll_create1(EPOLL_CLOEXEC);
  connections = calloc(connection_count, sizeof *connections);
  if (events < 0 || !connections) fail("start");
  for (int i = 0; i < connection_count && strcmp(mode, "exchanges") != 0; i++) {
    connections[i].descriptor = open_connection();
    watch(EPOLL_CTL_ADD, i, is_stream ? EPOLLIN | EPOLLOUT : EPOLLIN);
  }
  started = now();
  if (strcmp(mode, "idle") == 0) idle();
  else if (strcmp(mode, "exchanges") == 0) exchanges();
  else if (is_stream) stream();
  else if (is_rounds && connection_count == 1) rounds_of_one();
  else many(is_lines, strcmp(mode, "connects") == 0);
  finish();
}
