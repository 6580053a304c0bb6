// Finds the few functions of libcrypto that are needed, once. Its headers are not: the types are opaque pointers.
#include "COpenSSL.h"

#include <dlfcn.h>
#include <limits.h>
#include <pthread.h>

typedef const void *(*algorithm_function)(void);
typedef int (*digest_function)(
  const void *data, size_t count, unsigned char *digest, unsigned *size, const void *type, void *engine);
typedef unsigned char *(*hmac_function)(
  const void *type, const void *key, int key_count, const unsigned char *data, size_t count, unsigned char *digest,
  unsigned *size);
typedef int (*pbkdf2_function)(
  const char *password, int password_count, const unsigned char *salt, int salt_count, int iterations, const void *type,
  int length, unsigned char *key);

static pthread_once_t once = PTHREAD_ONCE_INIT;
static void *library;
static digest_function digest_of;
static hmac_function hmac_of;
static pbkdf2_function pbkdf2_of;

static void load(void) {
  library = dlopen("libcrypto.so.3", RTLD_NOW | RTLD_LOCAL);
  if (!library) library = dlopen("libcrypto.so", RTLD_NOW | RTLD_LOCAL);
  if (!library) return;
  digest_of = (digest_function)dlsym(library, "EVP_Digest");
  hmac_of = (hmac_function)dlsym(library, "HMAC");
  pbkdf2_of = (pbkdf2_function)dlsym(library, "PKCS5_PBKDF2_HMAC");
}

static const char *constructor_name(copenssl_algorithm algorithm) {
  switch (algorithm) {
    case COPENSSL_MD5: return "EVP_md5";
    case COPENSSL_SHA1: return "EVP_sha1";
    case COPENSSL_SHA224: return "EVP_sha224";
    case COPENSSL_SHA256: return "EVP_sha256";
    case COPENSSL_SHA384: return "EVP_sha384";
    case COPENSSL_SHA512: return "EVP_sha512";
  }
  return "";
}

// The library's description of a digest, which lives as long as the library; null where that is missing.
static const void *type_of(copenssl_algorithm algorithm) {
  pthread_once(&once, load);
  if (!library || !digest_of || !hmac_of || !pbkdf2_of) return NULL;
  algorithm_function constructor = (algorithm_function)dlsym(library, constructor_name(algorithm));
  return constructor ? constructor() : NULL;
}

copenssl_result copenssl_digest(
  copenssl_algorithm algorithm, const void *data, size_t count, unsigned char *digest, ptrdiff_t *length) {
  const void *type = type_of(algorithm);
  if (!type) return COPENSSL_NO_LIBRARY;
  unsigned size = 0;
  if (digest_of(data, count, digest, &size, type, NULL) != 1) return COPENSSL_REFUSED;
  *length = size;
  return COPENSSL_DONE;
}

copenssl_result copenssl_hmac(
  copenssl_algorithm algorithm, const void *key, size_t key_count, const void *data, size_t count,
  unsigned char *digest, ptrdiff_t *length) {
  const void *type = type_of(algorithm);
  if (!type) return COPENSSL_NO_LIBRARY;
  if (key_count > INT_MAX) return COPENSSL_REFUSED;
  unsigned size = 0;
  if (!hmac_of(type, key, (int)key_count, data, count, digest, &size)) return COPENSSL_REFUSED;
  *length = size;
  return COPENSSL_DONE;
}

copenssl_result copenssl_pbkdf2(
  copenssl_algorithm algorithm, const void *password, size_t password_count, const void *salt, size_t salt_count,
  ptrdiff_t iterations, unsigned char *key, size_t length) {
  const void *type = type_of(algorithm);
  if (!type) return COPENSSL_NO_LIBRARY;
  if (password_count > INT_MAX || salt_count > INT_MAX || length > INT_MAX || iterations > INT_MAX) {
    return COPENSSL_REFUSED;
  }
  int done = pbkdf2_of(
    password, (int)password_count, salt, (int)salt_count, (int)iterations, type, (int)length, key);
  return done == 1 ? COPENSSL_DONE : COPENSSL_REFUSED;
}
