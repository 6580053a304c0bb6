/* TLS in C: a server that makes no call more than the work needs, and the load that works one on 127.0.0.1.

     tls echo CERTIFICATE KEY PORT     sends back what comes, until a signal ends it
     tls MODE AUTHORITY PORT CONNECTIONS AMOUNT
       rounds      each connection sends 64 bytes and waits for them
       connects    connect, handshake, send 64 bytes, receive them, close; one at a time
       stream      one connection sends without end and reads what is sent back; AMOUNT counts MiB
       idle        opens CONNECTIONS, one round on each, says so, and waits until its standard input ends
     AMOUNT is a number of operations, or with an `s` behind it of seconds: 0.2s.

   The load verifies the server's certificate for localhost, and is load.c's otherwise. Nobody resumes a session. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { message = 64, chunk = 64 * 1024, most_descriptors = 1 << 20, patience_ms = 10000 };

static SSL_CTX *context;
static struct sockaddr_in address = {.sin_family = AF_INET};
static char buffer[chunk];

static void fail(const char *what) {
  fprintf(stderr, "tls: %s%s%s\n", what, errno ? ": " : "", errno ? strerror(errno) : "");
  ERR_print_errors_fp(stderr);
  exit(1);
}

/* As lean as the library can be: a record takes one read, and an idle connection keeps no buffers. */
static void make_context(const SSL_METHOD *method) {
  context = SSL_CTX_new(method);
  if (!context) fail("SSL_CTX_new");
  SSL_CTX_set_mode(
    context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_read_ahead(context, 1);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
  SSL_CTX_set_num_tickets(context, 0);
}

static void allow_descriptors(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
  }
}

/* The server. */

/* What was read and could not be sent back yet. */
struct client {
  SSL *ssl;
  char *kept;
  int kept_count;
  /* Nobody takes any more what is sent. */
  int broken;
  unsigned watched;
};

static struct client *clients[most_descriptors];
static int events, listener;

static void watch(int operation, int descriptor, unsigned what) {
  struct epoll_event event = {.events = what, .data.fd = descriptor};
  if (epoll_ctl(events, operation, descriptor, &event) < 0) fail("epoll_ctl");
}

static void hang_up(int descriptor) {
  struct client *client = clients[descriptor];
  SSL_free(client->ssl);
  free(client->kept);
  free(client);
  clients[descriptor] = NULL;
  close(descriptor);
}

static void accept_one(void) {
  int yes = 1, descriptor = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (descriptor < 0) return;
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  struct client *client = calloc(1, sizeof *client);
  if (!client || descriptor >= most_descriptors || !(client->ssl = SSL_new(context))) fail("a connection");
  SSL_set_fd(client->ssl, descriptor);
  SSL_set_accept_state(client->ssl);
  clients[descriptor] = client;
  watch(EPOLL_CTL_ADD, descriptor, client->watched = EPOLLIN);
}

/* Whether all of it has gone; the rest is kept. */
static int send_back(struct client *client, const char *bytes, int count) {
  while (count > 0) {
    int sent = SSL_write(client->ssl, bytes, count);
    if (sent <= 0) {
      int error = SSL_get_error(client->ssl, sent);
      client->broken = error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE;
      break;
    }
    bytes += sent;
    count -= sent;
  }
  if (count > 0 && !client->kept && !(client->kept = malloc(chunk))) fail("malloc");
  if (count > 0) memmove(client->kept, bytes, count);
  client->kept_count = count;
  return count == 0;
}

static void serve(int descriptor) {
  struct client *client = clients[descriptor];
  unsigned wanted = EPOLLIN;
  if (client->kept_count > 0 && !send_back(client, client->kept, client->kept_count)) {
    if (client->broken) {
      ERR_clear_error();
      hang_up(descriptor);
    }
    return;
  }
  for (;;) {
    int count = SSL_read(client->ssl, buffer, sizeof buffer);
    if (count > 0) {
      if (send_back(client, buffer, count)) {
        if (SSL_has_pending(client->ssl)) continue;
      } else if (client->broken) {
        ERR_clear_error();
        hang_up(descriptor);
        return;
      } else {
        wanted = EPOLLOUT;
      }
      break;
    }
    int error = SSL_get_error(client->ssl, count);
    if (error == SSL_ERROR_WANT_READ) break;
    if (error == SSL_ERROR_WANT_WRITE) {
      wanted = EPOLLOUT;
      break;
    }
    if (error == SSL_ERROR_ZERO_RETURN) SSL_shutdown(client->ssl);
    ERR_clear_error();
    hang_up(descriptor);
    return;
  }
  if (wanted != client->watched) watch(EPOLL_CTL_MOD, descriptor, client->watched = wanted);
}

static void echo(const char *certificate, const char *key) {
  int yes = 1;
  signal(SIGPIPE, SIG_IGN);
  make_context(TLS_server_method());
  if (SSL_CTX_use_certificate_chain_file(context, certificate) != 1
      || SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1)
    fail("the certificate");
  listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 4096) < 0) fail("listen");
  events = epoll_create1(EPOLL_CLOEXEC);
  watch(EPOLL_CTL_ADD, listener, EPOLLIN);
  for (;;) {
    struct epoll_event ready[256];
    int count = epoll_wait(events, ready, 256, -1);
    for (int i = 0; i < count; i++) {
      if (ready[i].data.fd == listener) accept_one();
      else if (clients[ready[i].data.fd]) serve(ready[i].data.fd);
    }
  }
}

/* The load. */

/* `sent` and `received` count bytes since the connection was opened. */
struct connection {
  SSL *ssl;
  int64_t sent, received;
};

static int64_t operations, wanted;
static double time_limit, started;
/* What is sent repeats after `chunk` bytes; so does what must come back. */
static char question[2 * chunk];

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

static int is_done(void) { return wanted ? operations >= wanted : now() - started >= time_limit; }

static struct connection open_connection(void) {
  int yes = 1, descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct timeval patience = {.tv_sec = patience_ms / 1000};
  if (descriptor < 0) fail("socket");
  setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  if (connect(descriptor, (struct sockaddr *)&address, sizeof address) < 0) fail("connect");
  SSL *ssl = SSL_new(context);
  if (!ssl) fail("SSL_new");
  SSL_set_fd(ssl, descriptor);
  SSL_set_tlsext_host_name(ssl, "localhost");
  SSL_set1_host(ssl, "localhost");
  if (SSL_connect(ssl) != 1) fail("the handshake");
  return (struct connection){.ssl = ssl};
}

static void close_connection(struct connection *connection) {
  int descriptor = SSL_get_fd(connection->ssl);
  SSL_shutdown(connection->ssl);
  SSL_free(connection->ssl);
  close(descriptor);
}

static void send_message(struct connection *connection) {
  if (SSL_write(connection->ssl, question + connection->sent % chunk, message) != message) fail("SSL_write");
  connection->sent += message;
}

/* Holds what came to what must come. */
static void receive(struct connection *connection, int count) {
  if (memcmp(buffer, question + connection->received % chunk, count) != 0) fail("a wrong answer");
  connection->received += count;
  if (connection->received > connection->sent) fail("more came back than was sent");
}

static void receive_message(struct connection *connection) {
  while (connection->received < connection->sent) {
    int count = SSL_read(connection->ssl, buffer, sizeof buffer);
    if (count <= 0) fail("SSL_read");
    receive(connection, count);
  }
}

static void rounds(struct connection *connections, int count) {
  while (!is_done()) {
    for (int i = 0; i < count; i++) send_message(connections + i);
    for (int i = 0; i < count; i++) receive_message(connections + i);
    operations += count;
  }
}

static void connects(void) {
  while (!is_done()) {
    struct connection connection = open_connection();
    send_message(&connection);
    receive_message(&connection);
    close_connection(&connection);
    operations++;
  }
}

static void stream(struct connection *connection) {
  int descriptor = SSL_get_fd(connection->ssl);
  fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK);
  while (!is_done()) {
    struct pollfd ready = {.fd = descriptor, .events = POLLIN};
    int count = SSL_write(connection->ssl, question + connection->sent % chunk, chunk);
    if (count > 0) connection->sent += count;
    else if (SSL_get_error(connection->ssl, count) == SSL_ERROR_WANT_WRITE) ready.events |= POLLOUT;
    else fail("SSL_write");
    int came = SSL_read(connection->ssl, buffer, sizeof buffer);
    if (came > 0) receive(connection, came);
    else if (SSL_get_error(connection->ssl, came) != SSL_ERROR_WANT_READ) fail("SSL_read");
    operations = connection->received >> 20;
    if (count <= 0 && came <= 0 && poll(&ready, 1, patience_ms) == 0) fail("nothing came for 10 s");
  }
}

/* The numbers are printed when the server can be looked at; the connections last until the reader has done so. */
static void idle(struct connection *connections, int count) {
  for (int i = 0; i < count; i++) {
    send_message(connections + i);
    receive_message(connections + i);
    operations++;
  }
  printf("%lld %.9f\n", (long long)operations, now() - started);
  fflush(stdout);
  while (read(STDIN_FILENO, buffer, sizeof buffer) > 0) continue;
  exit(0);
}

int main(int count, char **words) {
  int is_server = count == 5 && strcmp(words[1], "echo") == 0;
  if (!is_server && count != 6) {
    fprintf(stderr, "tls echo CERTIFICATE KEY PORT\n"
                    "tls rounds|connects|stream|idle AUTHORITY PORT CONNECTIONS AMOUNT\n");
    return 2;
  }
  address.sin_port = htons(atoi(words[is_server ? 4 : 3]));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  allow_descriptors();
  if (is_server) echo(words[2], words[3]);

  const char *mode = words[1];
  int connection_count = atoi(words[4]), is_connects = strcmp(mode, "connects") == 0;
  if (strchr(words[5], 's')) time_limit = atof(words[5]);
  else wanted = atoll(words[5]);
  make_context(TLS_client_method());
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
  if (SSL_CTX_load_verify_file(context, words[2]) != 1) fail("the authority");
  uint32_t state = 1;
  for (int i = 0; i < 2 * chunk; i++) {
    state = state * 1664525 + 1013904223;
    question[i] = i >= chunk ? question[i - chunk] : "abcdefghijklmnopqrstuvwxyz 01234"[state >> 27];
  }
  struct connection *connections = calloc(connection_count, sizeof *connections);
  if (!connections) fail("calloc");
  for (int i = 0; i < connection_count && !is_connects; i++) connections[i] = open_connection();
  started = now();
  if (is_connects) connects();
  else if (strcmp(mode, "idle") == 0) idle(connections, connection_count);
  else if (strcmp(mode, "stream") == 0) stream(connections);
  else rounds(connections, connection_count);
  printf("%lld %.9f\n", (long long)operations, now() - started);
}
