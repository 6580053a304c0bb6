// What the kernel itself holds a process to: Landlock for files and ports, seccomp for system calls. Both last for the
// life of the process and hold for what it starts; neither needs rights.

#define _GNU_SOURCE
#include "CSocketCore.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// Of linux/landlock.h, whose older versions lack what newer kernels have.
#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
#define SYS_landlock_restrict_self 446
#endif
#ifndef SYS_io_uring_setup
#define SYS_io_uring_setup 425
#endif

enum {
  VERSION_FLAG = 1,
  RULE_PATH = 1,
  RULE_PORT = 2,
  WRITE_FILE = 1 << 1,
  READ_FILE = 1 << 2,
  REMOVE_DIR = 1 << 4,
  REMOVE_FILE = 1 << 5,
  // Devices, directories, files, FIFOs, links; not sockets, which `listen` makes.
  MAKE = 1 << 6 | 1 << 7 | 1 << 8 | 1 << 10 | 1 << 11 | 1 << 12,
  REFER = 1 << 13,
  TRUNCATE = 1 << 14,
  CONNECT_TCP = 1 << 1,
};

struct ruleset {
  uint64_t files;
  uint64_t ports;
};

struct __attribute__((packed)) path_rule {
  uint64_t access;
  int32_t folder;
};

struct port_rule {
  uint64_t access;
  uint64_t port;
};

int32_t csys_landlock_version(void) {
  long version = syscall(SYS_landlock_create_ruleset, NULL, 0, VERSION_FLAG);
  return version > 0 ? (int32_t)version : 0;
}

bool csys_has_seccomp(void) { return prctl(PR_GET_SECCOMP, 0, 0, 0, 0) >= 0; }

// What is not there needs no rule. A file takes fewer rights than a folder.
static void allow_paths(int32_t rules, const char *const *paths, uint64_t access) {
  for (; paths != NULL && *paths != NULL; paths++) {
    int32_t descriptor = open(*paths, O_PATH | O_CLOEXEC);
    if (descriptor < 0) continue;
    struct stat status;
    bool is_folder = fstat(descriptor, &status) == 0 && S_ISDIR(status.st_mode);
    uint64_t own = is_folder ? access : access & (WRITE_FILE | READ_FILE | TRUNCATE);
    struct path_rule rule = {.access = own, .folder = descriptor};
    if (own != 0) syscall(SYS_landlock_add_rule, rules, RULE_PATH, &rule, 0);
    close(descriptor);
  }
}

static int32_t landlock(const struct csys_confinement *wanted) {
  int32_t version = csys_landlock_version();
  if (version < 1) return 0;
  uint64_t writing = WRITE_FILE | REMOVE_DIR | MAKE;
  // What a script removes by itself is looked at before, but for the files of its own Unix sockets, which may be
  // anywhere.
  if (!wanted->denies_run) writing |= REMOVE_FILE;
  if (version >= 2) writing |= REFER;
  if (version >= 3) writing |= TRUNCATE;
  struct ruleset set = {0, 0};
  if (wanted->readable != NULL) set.files |= READ_FILE;
  if (wanted->writable != NULL) set.files |= writing;
  if (version >= 4 && wanted->port_count >= 0) set.ports = CONNECT_TCP;
  if (set.files == 0 && set.ports == 0) return 0;
  int32_t rules = (int32_t)syscall(
      SYS_landlock_create_ruleset, &set, version >= 4 ? sizeof set : sizeof set.files, 0);
  if (rules < 0) return -errno;
  if (wanted->readable != NULL) allow_paths(rules, wanted->readable, READ_FILE);
  if (wanted->writable != NULL) allow_paths(rules, wanted->writable, writing);
  for (int32_t at = 0; set.ports != 0 && at < wanted->port_count; at++) {
    struct port_rule rule = {.access = CONNECT_TCP, .port = wanted->ports[at]};
    syscall(SYS_landlock_add_rule, rules, RULE_PORT, &rule, 0);
  }
  int32_t result = syscall(SYS_landlock_restrict_self, rules, 0) == 0 ? 1 : -errno;
  close(rules);
  return result;
}

#if defined(__x86_64__)
#define OWN_ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OWN_ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

static int32_t seccomp(const struct csys_confinement *wanted) {
#ifdef OWN_ARCHITECTURE
  uint32_t calls[5];
  int32_t count = 0;
  if (wanted->denies_run) {
    calls[count++] = SYS_execve;
    calls[count++] = SYS_execveat;
  }
  if (wanted->denies_connect) calls[count++] = SYS_connect;
  if (wanted->denies_listen) calls[count++] = SYS_listen;
  if (count == 0) return 0;
  // It does all of this without the system calls' numbers.
  calls[count++] = SYS_io_uring_setup;
  struct sock_filter filter[16];
  int32_t length = 0;
  struct sock_filter deny = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EACCES);
  filter[length++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
  filter[length++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OWN_ARCHITECTURE, 1, 0);
  filter[length++] = deny;
  filter[length++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
  // The x32 calls of x86-64, which have numbers of their own.
  filter[length++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, (uint8_t)(count + 1), 0);
  for (int32_t at = 0; at < count; at++) {
    uint8_t left = (uint8_t)(count - at);
    filter[length++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, calls[at], left, 0);
  }
  filter[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  filter[length++] = deny;
  struct sock_fprog program = {.len = (unsigned short)length, .filter = filter};
  return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0 ? 1 : -errno;
#else
  (void)wanted;
  return 0;
#endif
}

int32_t csys_confine(const struct csys_confinement *wanted) {
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return -errno;
  int32_t result = landlock(wanted);
  if (result < 0) return result;
  result = seccomp(wanted);
  return result < 0 ? result : 0;
}
