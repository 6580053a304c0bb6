// Loads OpenSSL at its first use: linking it would cost every start of the program 2 ms.
#include "OpenSSLFunctions.h"
#include "OpenSSLErrors.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>

openssl_functions openssl;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static char problem[256];

static void *find(void *library, const char *library_name, const char *name) {
  void *function = dlsym(library, name);
  if (!function && !problem[0]) {
    snprintf(problem, sizeof problem, "%s has no function %s, as OpenSSL 3.0 and later ones do", library_name, name);
  }
  return function;
}

static void load(void) {
  static const char ssl_name[] = "libssl.so.3", crypto_name[] = "libcrypto.so.3";
  void *ssl = dlopen(ssl_name, RTLD_NOW | RTLD_LOCAL);
  void *crypto = ssl ? dlopen(crypto_name, RTLD_NOW | RTLD_LOCAL) : NULL;
  if (!crypto) {
    const char *reason = dlerror();
    snprintf(problem, sizeof problem, "%s", reason ? reason : "libssl.so.3 cannot be loaded");
    return;
  }
#define OPENSSL_FIND(name) openssl.name = (__typeof__(openssl.name))find(library, library_name, #name);
  {
    void *library = ssl;
    const char *library_name = ssl_name;
    OPENSSL_SSL_FUNCTIONS(OPENSSL_FIND)
  }
  {
    void *library = crypto;
    const char *library_name = crypto_name;
    OPENSSL_CRYPTO_FUNCTIONS(OPENSSL_FIND)
  }
#undef OPENSSL_FIND
  if (problem[0]) return;
  // At the program's end nothing is taken down while another thread uses it.
  if (openssl.OPENSSL_init_ssl(OPENSSL_INIT_NO_ATEXIT, NULL) != 1 || !openssl_make_wire_method()) {
    snprintf(problem, sizeof problem, "%s does not start: its configuration (openssl.cnf) may be at fault", ssl_name);
  }
}

const char *copenssl_load(void) {
  pthread_once(&once, load);
  return problem[0] ? problem : NULL;
}

const char *copenssl_version(void) { return openssl.OpenSSL_version(OPENSSL_VERSION_STRING); }
