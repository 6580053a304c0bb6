// Child processes and signal handlers: what has to be written in C, because after vfork and in a handler only
// async-signal-safe functions may run.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "CSocketCore.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// The last signal that came and was not taken.
static atomic_int pending_signal = 0;

// MARK: Spawning

// A child whose parent ignores SIGCHLD vanishes without a status.
static void make_children_waitable(void) {
  struct sigaction action;
  if (sigaction(SIGCHLD, NULL, &action) == 0 &&
      (action.sa_handler == SIG_IGN || (action.sa_flags & SA_NOCLDWAIT) != 0)) {
    action.sa_flags &= ~SA_NOCLDWAIT;
    if (action.sa_handler == SIG_IGN) action.sa_handler = SIG_DFL;
    sigaction(SIGCHLD, &action, NULL);
  }
}

static void close_from(int first) {
  if (syscall(SYS_close_range, (unsigned)first, ~0U, 0U) == 0) return;
  struct rlimit limit;
  int last = getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < 65536 ? (int)limit.rlim_cur : 65536;
  for (int fd = first; fd < last; fd++) close(fd);
}

// Who is given descriptors looks whether they are meant for it, by a number that is known here first.
static void tell_own_pid(char *const *environment) {
  static const char name[] = "LISTEN_PID=";
  for (; *environment; environment++) {
    if (strncmp(*environment, name, sizeof name - 1) != 0) continue;
    char digits[10];
    int count = 0;
    for (pid_t rest = getpid(); rest > 0; rest /= 10) digits[count++] = (char)('0' + rest % 10);
    char *place = *environment + sizeof name - 1;
    while (count > 0) *place++ = digits[--count];
    *place = 0;
  }
}

// What the child does between vfork and exec. Returns only when that failed: the errno, and the step it failed at.
static int become_program(const struct csys_spawn_request *request, pid_t parent, volatile int32_t *step) {
  *step = CSYS_SPAWN_SETUP;
  if (request->die_with_parent) {
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0) return errno;
    if (getppid() != parent) _exit(127);  // it died before the line above
  }
  if (request->leads_session ? setsid() < 0 : setpgid(0, 0) < 0) return errno;

  // They may be among the numbers that they are to get themselves, so first they all go out of the way.
  const int end = 3 + request->passed_count;
  int source[3];
  for (int i = 0; i < 3; i++) {
    source[i] = -1;
    if (request->standard_descriptors[i] < 0) continue;
    source[i] = fcntl(request->standard_descriptors[i], F_DUPFD_CLOEXEC, end);
    if (source[i] < 0) return errno;
  }
  for (int i = 0; i < request->passed_count; i++) {
    request->passed_descriptors[i] = fcntl(request->passed_descriptors[i], F_DUPFD_CLOEXEC, end);
    if (request->passed_descriptors[i] < 0) return errno;
  }
  for (int i = 0; i < 3; i++)
    if (source[i] >= 0 && dup2(source[i], i) < 0) return errno;
  if (request->leads_session && ioctl(1, TIOCSCTTY, 0) < 0) return errno;
  for (int i = 0; i < request->passed_count; i++)
    if (dup2(request->passed_descriptors[i], 3 + i) < 0) return errno;
  if (request->passed_count > 0) tell_own_pid(request->environment);

  *step = CSYS_SPAWN_DIRECTORY;
  if (request->directory && chdir(request->directory) < 0) return errno;
  *step = CSYS_SPAWN_SETUP;
  close_from(end);

  // By the kernel's own call, because sigaction keeps its hands off the C library's two signals, and whoever started
  // us may have left them ignored. All zeros is SIG_DFL; it fails for SIGKILL and SIGSTOP.
  const unsigned long default_action[8] = {0};
  for (int number = 1; number < NSIG; number++) syscall(SYS_rt_sigaction, number, default_action, NULL, NSIG / 8);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);

  *step = CSYS_SPAWN_PROGRAM;
  int error = ENOENT;
  for (const char *const *path = request->program_paths; *path; path++) {
    execve(*path, request->arguments, request->environment);
    if (errno == EACCES) error = EACCES;
    else if (errno != ENOENT && errno != ENOTDIR) return errno;
  }
  return error;
}

int32_t csys_spawn(const struct csys_spawn_request *request, int32_t *step) {
  make_children_waitable();
  pid_t parent = getpid();
  volatile int error = 0;  // vfork shares our memory: the child says here what went wrong
  volatile int32_t failed_step = CSYS_SPAWN_FORK;

  // No handler of ours may run in the child while it borrows our memory.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pid_t pid = vfork();
  if (pid == 0) {
    error = become_program(request, parent, &failed_step);
    _exit(127);
  }
  int vfork_error = errno;
  pthread_sigmask(SIG_SETMASK, &before, NULL);

  *step = failed_step;
  if (pid < 0) return -vfork_error;
  if (error == 0) return pid;
  csys_reap(pid);
  return -error;
}

int32_t csys_fork(void) {
  make_children_waitable();
  pid_t parent = getpid();
  // A signal that comes meanwhile is the parent's.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pid_t pid = fork();
  int error = errno;
  if (pid == 0) {
    atomic_store(&pending_signal, 0);
    // Without the first nobody could promise that no copy outlives its parent; the second: it died before the first.
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent) _exit(127);
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return pid < 0 ? -error : pid;
}

int32_t csys_pidfd_open(int32_t pid) {
  long fd = syscall(SYS_pidfd_open, pid, 0);  // close-on-exec by birth
  return fd < 0 ? -errno : (int32_t)fd;
}

int32_t csys_kill(int32_t pid, int32_t signal) { return kill(pid, signal) < 0 ? -errno : 0; }

int32_t csys_signal_group(int32_t pidfd, int32_t signal) {
  const unsigned int to_process_group = 1U << 2;  // PIDFD_SIGNAL_PROCESS_GROUP, which older headers lack
  return syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, to_process_group) < 0 ? -errno : 0;
}

static int64_t nanoseconds_of(struct timeval time) {
  return (int64_t)time.tv_sec * 1000000000 + (int64_t)time.tv_usec * 1000;
}

int32_t csys_wait_child(int32_t pid, bool keep, int32_t *code, int32_t *signal, bool *dumped_core,
                        struct csys_resource_use *use) {
  siginfo_t info = {.si_pid = 0};
  struct rusage usage = {0};
  // The C library's function leaves out the last argument, which the kernel has.
  long result = syscall(SYS_waitid, P_PID, pid, &info, WEXITED | WNOHANG | (keep ? WNOWAIT : 0), &usage);
  if (result < 0) return -errno;
  if (info.si_pid == 0) return 0;
  use->user_nanoseconds = nanoseconds_of(usage.ru_utime);
  use->system_nanoseconds = nanoseconds_of(usage.ru_stime);
  use->maximum_memory = (int64_t)usage.ru_maxrss * 1024;
  bool exited = info.si_code == CLD_EXITED;
  *code = exited ? info.si_status : 0;
  *signal = exited ? 0 : info.si_status;
  *dumped_core = info.si_code == CLD_DUMPED;
  return 1;
}

int32_t csys_reap(int32_t pid) {
  int result;
  do result = waitpid(pid, NULL, 0);
  while (result < 0 && errno == EINTR);
  return result < 0 ? -errno : 0;
}

int32_t csys_reap_group(int32_t group) {
  int result;
  do result = waitpid(-group, NULL, WNOHANG);
  while (result > 0 || (result < 0 && errno == EINTR));
  return result < 0 ? -errno : 0;
}

int32_t csys_adopt_orphans(void) { return prctl(PR_SET_CHILD_SUBREAPER, 1) < 0 ? -errno : 0; }

char *const *csys_environment(void) { return environ; }

// MARK: Signals

static atomic_int wake_fd = -1;

static void wake(void) {
  int saved = errno;
  uint64_t one = 1;
  // It fails only when the eventfd's counter is full, and then a wake-up is due anyhow.
  ssize_t ignored = write(atomic_load(&wake_fd), &one, sizeof one);
  (void)ignored;
  errno = saved;
}

static void note_signal(int number) {
  atomic_store(&pending_signal, number);
  wake();
}

int32_t csys_install_signal_handlers(int32_t wake_descriptor) {
  atomic_store(&wake_fd, wake_descriptor);
  struct sigaction action = {.sa_handler = note_signal, .sa_flags = SA_RESTART};
  sigemptyset(&action.sa_mask);
  static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
  for (int i = 0; i < 4; i++) {
    struct sigaction before;
    if (sigaction(numbers[i], NULL, &before) < 0) return -errno;
    if (before.sa_handler == SIG_IGN) continue;  // nohup, or a shell's background job: whoever started us meant it
    if (sigaction(numbers[i], &action, NULL) < 0) return -errno;
  }
  return 0;
}

int32_t csys_ignore_sigpipe(void) {
  struct sigaction action = {.sa_handler = SIG_IGN};
  return sigaction(SIGPIPE, &action, NULL) < 0 ? -errno : 0;
}

static atomic_int terminal_signals = 0;

static void note_terminal_signal(int number) {
  int bit = number == SIGWINCH ? CSYS_TERMINAL_RESIZED
            : number == SIGTSTP ? CSYS_TERMINAL_SUSPEND : CSYS_TERMINAL_CONTINUED;
  atomic_fetch_or(&terminal_signals, bit);
  wake();
}

int32_t csys_watch_terminal_signals(bool watch) {
  static const int numbers[] = {SIGWINCH, SIGTSTP, SIGCONT, SIGQUIT};
  for (int i = 0; i < 4; i++) {
    struct sigaction action = {.sa_handler = SIG_DFL, .sa_flags = SA_RESTART};
    if (numbers[i] == SIGQUIT && atomic_load(&wake_fd) >= 0) action.sa_handler = note_signal;
    if (watch) action.sa_handler = numbers[i] == SIGQUIT ? SIG_IGN : note_terminal_signal;
    sigemptyset(&action.sa_mask);
    if (sigaction(numbers[i], &action, NULL) < 0) return -errno;
  }
  return 0;
}

int32_t csys_take_terminal_signals(void) { return atomic_exchange(&terminal_signals, 0); }

int32_t csys_pending_signal(bool take) {
  return take ? atomic_exchange(&pending_signal, 0) : atomic_load(&pending_signal);
}
