// What Swift's Glibc module lacks, or gives in several integer types: system calls that return the
// result or -errno, and constants as int32_t (uint32_t where they are bits of an event mask).
// Only SocketCore's SystemCalls.swift calls what is declared here, except for what is marked pure.
#ifndef CSOCKETCORE_H
#define CSOCKETCORE_H

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>

// MARK: Constants

static const int32_t CSYS_AF_UNSPEC = AF_UNSPEC;
static const int32_t CSYS_AF_UNIX = AF_UNIX;
static const int32_t CSYS_AF_INET = AF_INET;
static const int32_t CSYS_AF_INET6 = AF_INET6;
static const int32_t CSYS_AF_PACKET = AF_PACKET;

static const int32_t CSYS_SOCK_STREAM = SOCK_STREAM;
static const int32_t CSYS_SOCK_DGRAM = SOCK_DGRAM;
static const int32_t CSYS_SOCK_RAW = SOCK_RAW;
static const int32_t CSYS_SOCK_SEQPACKET = SOCK_SEQPACKET;
static const int32_t CSYS_SOCK_NONBLOCK = SOCK_NONBLOCK;
static const int32_t CSYS_SOCK_CLOEXEC = SOCK_CLOEXEC;
static const int32_t CSYS_SOMAXCONN = SOMAXCONN;

static const int32_t CSYS_SHUT_RD = SHUT_RD;
static const int32_t CSYS_SHUT_WR = SHUT_WR;
static const int32_t CSYS_SHUT_RDWR = SHUT_RDWR;

static const int32_t CSYS_MSG_OOB = MSG_OOB;
static const int32_t CSYS_MSG_PEEK = MSG_PEEK;
static const int32_t CSYS_MSG_DONTROUTE = MSG_DONTROUTE;
static const int32_t CSYS_MSG_TRUNC = MSG_TRUNC;
static const int32_t CSYS_MSG_CTRUNC = MSG_CTRUNC;
static const int32_t CSYS_MSG_DONTWAIT = MSG_DONTWAIT;
static const int32_t CSYS_MSG_EOR = MSG_EOR;
static const int32_t CSYS_MSG_NOSIGNAL = MSG_NOSIGNAL;
static const int32_t CSYS_MSG_MORE = MSG_MORE;

static const int32_t CSYS_IPPROTO_IP = IPPROTO_IP;
static const int32_t CSYS_IPPROTO_IPV6 = IPPROTO_IPV6;
static const int32_t CSYS_IPPROTO_TCP = IPPROTO_TCP;
static const int32_t CSYS_IPPROTO_UDP = IPPROTO_UDP;
static const int32_t CSYS_IPPROTO_ICMP = IPPROTO_ICMP;
static const int32_t CSYS_IPPROTO_ICMPV6 = IPPROTO_ICMPV6;
static const int32_t CSYS_IPPROTO_SCTP = IPPROTO_SCTP;
static const int32_t CSYS_IPPROTO_MPTCP = 262;

static const uint32_t CSYS_EPOLLIN = EPOLLIN;
static const uint32_t CSYS_EPOLLPRI = EPOLLPRI;
static const uint32_t CSYS_EPOLLOUT = EPOLLOUT;
static const uint32_t CSYS_EPOLLERR = EPOLLERR;
static const uint32_t CSYS_EPOLLHUP = EPOLLHUP;
static const uint32_t CSYS_EPOLLRDHUP = EPOLLRDHUP;
static const uint32_t CSYS_EPOLLET = EPOLLET;
static const int32_t CSYS_EPOLL_CTL_ADD = EPOLL_CTL_ADD;
static const int32_t CSYS_EPOLL_CTL_MOD = EPOLL_CTL_MOD;
static const int32_t CSYS_EPOLL_CTL_DEL = EPOLL_CTL_DEL;

static const int32_t CSYS_EAI_SYSTEM = EAI_SYSTEM;
static const int32_t CSYS_EAI_MEMORY = EAI_MEMORY;

// MARK: The fault plan of this thread

// An object that tests install to make system calls fail (FaultPlan.swift), or NULL. Thread-local, so that tests
// which run side by side do not meet; read through an inline function because Swift does not import such variables.
extern _Thread_local void *csys_fault_plan_of_thread;
static inline void *csys_fault_plan(void) { return csys_fault_plan_of_thread; }
static inline void csys_set_fault_plan(void *plan) { csys_fault_plan_of_thread = plan; }

// MARK: Sockets (each returns the result, or -errno)

int32_t csys_socket(int32_t domain, int32_t type, int32_t protocol);
int32_t csys_socketpair(int32_t domain, int32_t type, int32_t protocol, int32_t descriptors[2]);
int32_t csys_bind(int32_t fd, const void *address, uint32_t length);
int32_t csys_listen(int32_t fd, int32_t backlog);
int32_t csys_connect(int32_t fd, const void *address, uint32_t length);
int32_t csys_accept4(int32_t fd, void *address, uint32_t *length, int32_t flags);
int32_t csys_shutdown(int32_t fd, int32_t how);
int32_t csys_getsockname(int32_t fd, void *address, uint32_t *length);
int32_t csys_getpeername(int32_t fd, void *address, uint32_t *length);
int32_t csys_getsockopt(int32_t fd, int32_t level, int32_t name, void *value, uint32_t *length);
int32_t csys_setsockopt(int32_t fd, int32_t level, int32_t name, const void *value, uint32_t length);
int32_t csys_sockatmark(int32_t fd);
ssize_t csys_recv(int32_t fd, void *buffer, size_t count, int32_t flags);
ssize_t csys_send(int32_t fd, const void *buffer, size_t count, int32_t flags);
ssize_t csys_sendto(int32_t fd, const void *buffer, size_t count, int32_t flags, const void *address, uint32_t length);
ssize_t csys_sendmsg(int32_t fd, const struct iovec *vectors, size_t vector_count, int32_t flags);
// recvmsg with one vector. `length` goes in as the room at `address` and comes out as the address's size;
// `received_flags` gets msg_flags (MSG_TRUNC when the datagram was longer than the buffer).
ssize_t csys_recvmsg(int32_t fd, void *buffer, size_t count, int32_t flags, void *address, uint32_t *length,
                     int32_t *received_flags);

// How a datagram has arrived, as far as the socket was asked to tell (ip(7), ipv6(7), socket(7)).
struct csys_arrival {
  int32_t family;         // of the two addresses: AF_INET, AF_INET6, or 0 when they are not told
  uint8_t to[16];         // to which address it was sent
  uint8_t local[16];      // our own address that an answer comes from; zeros: not told
  uint32_t interface;     // by which it came; 0: not told
  int32_t hop_limit;      // what was left of it; -1: not told
  int32_t traffic_class;  // -1: not told
  int64_t dropped;        // how many the socket has lost so far; -1: not told
  bool has_time;
  int64_t seconds;  // since 1970
  int64_t nanoseconds;
};
static inline struct csys_arrival csys_no_arrival(void) {
  return (struct csys_arrival){.hop_limit = -1, .traffic_class = -1, .dropped = -1};
}
// Notes what control data of the level SOL_SOCKET tells; not for Swift.
void csys_note_socket_arrival(struct csys_arrival *arrival, const struct cmsghdr *header);
// recvmsg as above, with control data.
ssize_t csys_recvmsg_arrival(int32_t fd, void *buffer, size_t count, int32_t flags, void *address, uint32_t *length,
                             int32_t *received_flags, struct csys_arrival *arrival);
// sendto that leaves from an address of ours, of the family AF_INET or AF_INET6.
ssize_t csys_sendmsg_from(int32_t fd, const void *buffer, size_t count, int32_t flags, const void *address,
                          uint32_t length, int32_t family, const void *source);
// What has become of a datagram that was sent (IP_RECVERR): one entry of the socket's error queue.
struct csys_datagram_error {
  int32_t number;  // an errno
  bool is_icmp;    // a message of ICMP says so, of this type and code
  uint8_t type;
  uint8_t code;
  uint32_t offender_length;  // 0: not told
  uint8_t offender[32];      // the sockaddr of who says so
  uint8_t beginning[128];    // of the datagram
};
// How many bytes of the datagram there are in `beginning`. `address` gets whom it was sent to. -EAGAIN: there is none.
ssize_t csys_recv_error(int32_t fd, void *address, uint32_t *length, struct csys_datagram_error *report);
// How many descriptors one message can have beside it (SCM_MAX_FD of the kernel).
#define CSYS_MAXIMUM_DESCRIPTOR_COUNT 253
static const int32_t CSYS_MAXIMUM_DESCRIPTORS = CSYS_MAXIMUM_DESCRIPTOR_COUNT;
// sendmsg of a Unix-domain socket with one vector and with descriptors beside it (SCM_RIGHTS), at most
// CSYS_MAXIMUM_DESCRIPTORS. `address` may be NULL.
ssize_t csys_send_descriptors(int32_t fd, const void *buffer, size_t count, int32_t flags, const void *address,
                              uint32_t length, const int32_t *descriptors, int32_t descriptor_count);
// recvmsg of a Unix-domain socket with one vector, and what came beside it: at most CSYS_MAXIMUM_DESCRIPTORS, close-on-
// exec. MSG_CTRUNC in `received_flags`: some have come and are lost. `address` and `arrival` may be NULL.
ssize_t csys_receive_descriptors(int32_t fd, void *buffer, size_t count, int32_t flags, void *address,
                                 uint32_t *length, int32_t *received_flags, int32_t *descriptors,
                                 int32_t *descriptor_count, struct csys_arrival *arrival);

// MARK: Descriptors

ssize_t csys_read(int32_t fd, void *buffer, size_t count);
ssize_t csys_write(int32_t fd, const void *buffer, size_t count);
// write(2) that does not wait, whatever O_NONBLOCK says: -EAGAIN where nothing is taken now.
ssize_t csys_write_now(int32_t fd, const void *buffer, size_t count);
int32_t csys_close(int32_t fd);
int32_t csys_dup3(int32_t fd, int32_t number);  // with O_CLOEXEC
int32_t csys_duplicate(int32_t fd);             // at 3 or above, with FD_CLOEXEC
int32_t csys_get_close_on_exec(int32_t fd);     // 1, 0, or -errno
int32_t csys_pipe2(int32_t descriptors[2]);  // with O_CLOEXEC
// splice(2) without waiting, from or to a pipe: -EAGAIN where nothing can be moved now.
ssize_t csys_splice(int32_t from, int32_t to, size_t count);
// F_SETPIPE_SZ: how many bytes the pipe can hold now.
int32_t csys_set_pipe_size(int32_t fd, int32_t size);
int32_t csys_open_null(void);                // /dev/null for reading and writing, O_CLOEXEC
bool csys_is_terminal(int32_t fd);
int32_t csys_get_nonblocking(int32_t fd);    // 1, 0, or -errno
int32_t csys_set_nonblocking(int32_t fd, bool nonblocking);
int32_t csys_set_close_on_exec(int32_t fd);
// The soft and the hard limit of RLIMIT_NOFILE.
int32_t csys_getrlimit_nofile(uint64_t *soft, uint64_t *hard);
int32_t csys_setrlimit_nofile(uint64_t soft, uint64_t hard);

// MARK: Waiting

// Waits for one descriptor. `readable` and `writable` say for what; a negative time-out means for ever.
// Returns 1 when there is something, 0 at the time-out.
int32_t csys_poll(int32_t fd, bool readable, bool writable, int64_t timeout_nanoseconds);
// Waits for one descriptor to become readable, and for an epoll instance to have an event. `events` gets the
// descriptor's, in epoll's bits. Returns 1 if it has any, plus 2 if the epoll instance has; 0 at the time-out.
int32_t csys_poll_beside(int32_t fd, uint32_t *events, int32_t epoll, int64_t timeout_nanoseconds);
int32_t csys_epoll_create(void);
int32_t csys_epoll_ctl(int32_t epoll, int32_t operation, int32_t fd, uint32_t events, uint64_t token);
// epoll_pwait2, so that a time-out has nanoseconds; epoll_wait, rounded up, where the kernel is older than 5.11.
int32_t csys_epoll_wait(int32_t epoll, struct epoll_event *events, int32_t capacity, int64_t timeout_nanoseconds);
int32_t csys_eventfd(void);
int64_t csys_monotonic_nanoseconds(void);  // pure

// MARK: Processes and signals

struct csys_spawn_request {
  // The paths to try in turn, as PATH would have them; ends with NULL.
  const char *const *program_paths;
  char *const *arguments;
  char *const *environment;
  const char *directory;           // NULL: the parent's
  int32_t standard_descriptors[3]; // what become 0, 1 and 2; -1 leaves the parent's
  bool die_with_parent;
  bool leads_session;              // of its own, whose controlling terminal is what becomes 1
  // What become 3, 4, …, as sd_listen_fds(3) has them. The child writes over the list, and its pid over the digits of a
  // variable LISTEN_PID in `environment`, which are ten or more.
  int32_t *passed_descriptors;
  int32_t passed_count;
};
// Which step of a spawn failed.
static const int32_t CSYS_SPAWN_FORK = 1;
static const int32_t CSYS_SPAWN_SETUP = 2;
static const int32_t CSYS_SPAWN_DIRECTORY = 3;
static const int32_t CSYS_SPAWN_PROGRAM = 4;

// Starts a program in a process group, or a session, of its own, with default signal dispositions, an empty mask and no
// descriptor above 2 but those that are passed. Returns its pid, or -errno with the failed step in `step` and no child
// left.
int32_t csys_spawn(const struct csys_spawn_request *request, int32_t *step);
// Makes a copy of this process, which gets SIGKILL when the thread that made it ends. Returns its pid, 0 in the copy.
int32_t csys_fork(void);
int32_t csys_pidfd_open(int32_t pid);
int32_t csys_kill(int32_t pid, int32_t signal);
// To the process group that the process of the pidfd leads or has led; -EINVAL where the kernel cannot (before 6.9).
int32_t csys_signal_group(int32_t pidfd, int32_t signal);
// What a process has used, with the children that it has waited for: its time, and the most memory that one of them had
// at one time, in bytes.
struct csys_resource_use {
  int64_t user_nanoseconds;
  int64_t system_nanoseconds;
  int64_t maximum_memory;
};
// waitid without blocking. Returns 1 when the child has ended (`code` and `signal` set, one of them 0), else 0.
// With `keep` the child stays a zombie, so its pid, and the id of its group, cannot be given to anyone else.
int32_t csys_wait_child(int32_t pid, bool keep, int32_t *code, int32_t *signal, bool *dumped_core,
                        struct csys_resource_use *use);
// Waits until the child, which must have been killed, is gone, and forgets how it ended.
int32_t csys_reap(int32_t pid);
// Forgets all ended children of a process group. Returns 0 while some run, -ECHILD when none is left.
int32_t csys_reap_group(int32_t group);
// From now on what this process's descendants leave behind are its own children.
int32_t csys_adopt_orphans(void);
char *const *csys_environment(void);  // pure

// MARK: Terminals

struct csys_terminal_request {
  uint16_t columns, rows;
  bool echoes;
  bool raw;  // cfmakeraw(3)
};
// A new pseudo-terminal: our side, non-blocking, and the program's; both O_CLOEXEC, and nobody's controlling terminal.
int32_t csys_open_terminal(const struct csys_terminal_request *request, int32_t descriptors[2]);
// What holds for a terminal now, seen from either side of it. A character that is 0 is switched off.
struct csys_terminal_state {
  bool is_canonical;          // it gives whole lines (ICANON)
  bool echoes;                // ECHO
  bool has_signals;           // ISIG
  bool takes_return;          // CR ends a line as LF does (ICRNL)
  uint8_t end_of_file;        // VEOF
  uint8_t end_of_line[2];     // VEOL, VEOL2
  uint8_t emptying[4];        // VKILL; VINTR, VQUIT and VSUSP, which count with ISIG
  uint8_t erase;              // VERASE
  uint8_t literal;            // VLNEXT
};
int32_t csys_terminal_state(int32_t fd, struct csys_terminal_state *state);
int32_t csys_set_window(int32_t fd, uint16_t columns, uint16_t rows);
int32_t csys_get_window(int32_t fd, uint16_t *columns, uint16_t *rows);

// A device or FIFO, non-blocking, O_CLOEXEC, and nobody's controlling terminal.
int32_t csys_open_device(const char *path, bool reading, bool writing);
bool csys_is_own_terminal(int32_t fd);  // the controlling one of this process
// How a serial line is to be: raw, without regard to the modem lines.
struct csys_line_request {
  uint32_t rate;      // in baud; 0: as it is
  uint8_t data_bits;  // 5 to 8
  uint8_t parity;     // 'N', 'E' or 'O'
  uint8_t stop_bits;  // 1 or 2
  bool has_hardware_flow;  // RTS/CTS
  bool has_software_flow;  // XON/XOFF
};
struct csys_line_outcome {
  uint32_t rate;    // what the device makes of it
  bool has_format;  // it does the bits, the parity and the flow control
};
int32_t csys_set_up_line(int32_t fd, const struct csys_line_request *request, struct csys_line_outcome *outcome);

// MARK: Confinement

// What csys_confine holds the process to.
struct csys_confinement {
  bool denies_run;
  bool denies_connect;
  bool denies_listen;
  const char *const *readable;  // files and folders, NULL at the end; NULL: all
  const char *const *writable;
  const uint16_t *ports;  // of TCP, that may be connected to
  int32_t port_count;     // -1: all
};
// For the calling thread and what it starts, for good. What the kernel does not know is left out.
int32_t csys_confine(const struct csys_confinement *wanted);
int32_t csys_landlock_version(void);  // pure: 0 without it
bool csys_has_seccomp(void);          // pure

// Overwrites what is given to an option as NAME=VALUE in the arguments that the list of processes shows.
void csys_hide_argument_values(const char *option);

// Installs handlers for SIGINT, SIGTERM, SIGHUP and SIGQUIT that note the signal and write to `wake_descriptor`.
int32_t csys_install_signal_handlers(int32_t wake_descriptor);
int32_t csys_ignore_sigpipe(void);
// Signals of the terminal, as bits of csys_take_terminal_signals.
static const int32_t CSYS_TERMINAL_RESIZED = 1;    // SIGWINCH
static const int32_t CSYS_TERMINAL_SUSPEND = 2;    // SIGTSTP
static const int32_t CSYS_TERMINAL_CONTINUED = 4;  // SIGCONT
// With `watch`: notes SIGWINCH, SIGTSTP and SIGCONT, writes to the wake descriptor of csys_install_signal_handlers, and
// ignores SIGQUIT. Without: the dispositions that they had.
int32_t csys_watch_terminal_signals(bool watch);
int32_t csys_take_terminal_signals(void);  // pure: those that came since the last call
// How the terminal is while it is borrowed: lines, with an echo, that `escape` ends too; each key as it comes, without
// an echo or a signal; keys that wait for whoever reads next, without an echo, and Ctrl-C as ever.
typedef enum { csys_terminal_lines, csys_terminal_keys, csys_terminal_quiet } csys_terminal_mode;
// As it was again: by csys_return_terminal, and at the end of the process at the latest.
int32_t csys_borrow_terminal(int32_t fd, csys_terminal_mode mode, uint8_t escape);
int32_t csys_return_terminal(void);
// The same where it is quiet; what it was lent for since stays.
int32_t csys_end_terminal_quiet(void);
// The signal that came and was not taken yet, or 0. `take` clears it.
int32_t csys_pending_signal(bool take);  // pure

// mallopt: memory of less than `map_from` bytes comes from the heap, which gives back what is free at its end only when
// that is more than `keep` bytes. Nothing where the C library has no such call.
void csys_keep_freed_memory(int32_t map_from, int32_t keep);

// MARK: Names

const char *csys_errno_name(int32_t number);    // pure: "ECONNREFUSED", or NULL
const char *csys_errno_message(int32_t number); // pure: "Connection refused", or NULL
uint32_t csys_interface_index(const char *name);                // 0: there is none
bool csys_interface_name(uint32_t index, char buffer[16]);
bool csys_interface_address(uint32_t index, uint8_t address[4]);  // its first of IPv4
int32_t csys_protocol_number(const char *name);                 // -1: not known
bool csys_protocol_name(int32_t number, char *buffer, size_t capacity);
// getaddrinfo; returns 0 or an EAI code, and with EAI_SYSTEM the errno in `error`.
int32_t csys_getaddrinfo(const char *host, const char *service, const struct addrinfo *hints, struct addrinfo **result,
                         int32_t *error);
int32_t csys_getnameinfo(const void *address, uint32_t length, char *buffer, uint32_t capacity, int32_t *error);

#endif
