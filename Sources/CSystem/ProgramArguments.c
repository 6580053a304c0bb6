// The words of the command line, kept from the start of the program.
//
// Swift's own finder of them reads /proc/self/maps with sscanf before `main`, in every program: 106,000 instructions,
// eight system calls and eight page faults, 5 % of a start. Where these two functions stand in the program, that part
// of the static standard library is not linked. Should it come to need more of them, the linker says so.


// What libc gives to the functions that it calls before `main`.
static char **words;
static int count;

__attribute__((constructor(101))) static void keep(int argc, char **argv) {
  count = argc;
  words = argv;
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
