// The words of the command line, kept from the start of the program.
//
// Swift's own finder of them reads /proc/self/maps with sscanf before `main`, in every program: 106,000 instructions,
// eight system calls and eight page faults, 5 % of a start. Where these two functions stand in the program, that part
// of the static standard library is not linked. Should it come to need more of them, the linker says so.

#include "CSocketCore.h"

#include <string.h>

// What libc gives to the functions that it calls before `main`.
static char **words;
static int count;

__attribute__((constructor(101))) static void keep(int argc, char **argv) {
  count = argc;
  words = argv;
}

void csys_hide_argument_values(const char *option) {
  size_t length = strlen(option);
  for (int at = 1; at < count; at++) {
    char *text = words[at];
    if (strcmp(text, "--") == 0) return;
    if (strncmp(text, option, length) != 0) continue;
    if (text[length] == '=') {
      text += length + 1;
    } else if (text[length] == 0 && at + 1 < count) {
      text = words[++at];
    } else {
      continue;
    }
    char *value = strchr(text, '=');
    if (value == NULL) continue;
    // The length is nobody's business, either: what is left is NUL.
    size_t left = strlen(++value);
    explicit_bzero(value, left);
    memset(value, '*', left < 3 ? left : 3);
  }
}

// The standard library's `CommandLine` asks here.
char **_swift_stdlib_getUnsafeArgvArgc(int *argc) {
  *argc = count;
  return words;
}

void _swift_stdlib_overrideUnsafeArgvArgc(char **argv, int argc) {
  words = argv;
  count = argc;
}
