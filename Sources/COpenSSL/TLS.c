// Contexts and sessions of TLS over a wire that the caller reads and writes.
#include "OpenSSLErrors.h"
#include "OpenSSLNames.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  X509 *certificate;
  STACK_OF(X509) *chain;
  EVP_PKEY *key;
} identity;

struct copenssl_context {
  SSL_CTX *ctx;
  bool server;
  identity *identities;
  size_t identity_count;
  // A server's list, as RFC 7301 encodes it.
  uint8_t *protocols;
  unsigned protocols_count;
  void *key_log_receiver;
  void (*key_logged)(void *receiver, const char *line);
};

struct copenssl_session {
  SSL *ssl;
  void *owner;
  copenssl_wire wire;
  // Made by the first failure: a connection that waits is to cost little.
  copenssl_failure *failure;
  int alert_received, alert_sent;
  // The first fault of the peer's certificates, as X509_V_ERR_…, and what it was found in.
  int verify_error, verify_depth;
  X509 *faulty;
  // What the peer sent, where the handshake failed by it.
  STACK_OF(X509) *refused_chain;
  SSL_SESSION *resumption;
};

// By its BIO: application data would cost each session a table of its own.
static copenssl_session *session_of(const SSL *ssl) {
  BIO *bio = SSL_get_rbio(ssl);
  return bio ? BIO_get_data(bio) : NULL;
}

// Comes before what asks SSL_get_error, which looks at the queue. Clearing takes longer than looking.
static void clear_errors(void) {
  if (ERR_peek_error()) ERR_clear_error();
}

// MARK: The wire, as a BIO

static int wire_read(BIO *bio, char *bytes, size_t count, size_t *moved) {
  copenssl_session *session = BIO_get_data(bio);
  BIO_clear_flags(bio, BIO_FLAGS_RWS | BIO_FLAGS_SHOULD_RETRY);
  ptrdiff_t result = session->wire.read(session->owner, bytes, count);
  if (result > 0) {
    *moved = (size_t)result;
    return 1;
  }
  *moved = 0;
  if (result == COPENSSL_WIRE_BLOCKED) BIO_set_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_SHOULD_RETRY);
  return -1;
}

static int wire_write(BIO *bio, const char *bytes, size_t count, size_t *moved) {
  copenssl_session *session = BIO_get_data(bio);
  BIO_clear_flags(bio, BIO_FLAGS_RWS | BIO_FLAGS_SHOULD_RETRY);
  ptrdiff_t result = session->wire.write(session->owner, bytes, count);
  if (result > 0) {
    *moved = (size_t)result;
    return 1;
  }
  *moved = 0;
  if (result == COPENSSL_WIRE_BLOCKED) BIO_set_flags(bio, BIO_FLAGS_WRITE | BIO_FLAGS_SHOULD_RETRY);
  return -1;
}

static long wire_control(BIO *bio, int command, long number, void *pointer) {
  (void)bio, (void)number, (void)pointer;
  return command == BIO_CTRL_FLUSH || command == BIO_CTRL_DUP;
}

static BIO_METHOD *wire_method;

bool openssl_make_wire_method(void) {
  BIO_METHOD *method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "wire");
  if (!method) return false;
  BIO_meth_set_read_ex(method, wire_read);
  BIO_meth_set_write_ex(method, wire_write);
  BIO_meth_set_ctrl(method, wire_control);
  wire_method = method;
  return true;
}

// MARK: What the library calls

static void saw(const SSL *ssl, int where, int value) {
  copenssl_session *session = session_of(ssl);
  int description = value & 0xff;
  if (!session || !(where & SSL_CB_ALERT) || description == SSL_AD_CLOSE_NOTIFY) return;
  if (where & SSL_CB_READ) {
    session->alert_received = description;
  } else {
    session->alert_sent = description;
  }
}

static int verified(int good, X509_STORE_CTX *store) {
  if (good) return good;
  SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
  copenssl_session *session = ssl ? session_of(ssl) : NULL;
  if (!session || session->verify_error) return good;
  session->verify_error = X509_STORE_CTX_get_error(store);
  session->verify_depth = X509_STORE_CTX_get_error_depth(store);
  X509 *faulty = X509_STORE_CTX_get_current_cert(store);
  // A wrong name is not the matter of one certificate of the chain.
  if (!faulty) faulty = X509_STORE_CTX_get0_cert(store);
  if (faulty && X509_up_ref(faulty)) session->faulty = faulty;
  X509 *first = X509_STORE_CTX_get0_cert(store);
  STACK_OF(X509) *sent = X509_STORE_CTX_get0_untrusted(store);
  session->refused_chain = sent ? X509_chain_up_ref(sent) : sk_X509_new_null();
  // A client's list holds the peer's own certificate, a server's does not.
  if (first && session->refused_chain
      && (sk_X509_num(session->refused_chain) == 0 || X509_cmp(sk_X509_value(session->refused_chain, 0), first) != 0)
      && X509_up_ref(first) && sk_X509_insert(session->refused_chain, first, 0) <= 0) {
    X509_free(first);
  }
  return good;
}

static int named(SSL *ssl, int *alert, void *unused) {
  (void)ssl, (void)alert, (void)unused;
  return SSL_TLSEXT_ERR_OK;
}

static int choose_identity(SSL *ssl, void *argument) {
  copenssl_context *context = argument;
  const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  if (!name) return 1;
  bool chosen = false;
  for (size_t i = 0; i < context->identity_count; i++) {
    identity *one = &context->identities[i];
    if (X509_check_host(one->certificate, name, strlen(name), 0, NULL) != 1) continue;
    if (!chosen) SSL_certs_clear(ssl);
    chosen = true;
    if (SSL_use_cert_and_key(ssl, one->certificate, one->key, one->chain, 1) != 1) return 0;
  }
  return 1;
}

static int choose_protocol(
  SSL *ssl, const unsigned char **chosen, unsigned char *chosen_count, const unsigned char *offered,
  unsigned offered_count, void *argument) {
  (void)ssl;
  copenssl_context *context = argument;
  unsigned char *protocol = NULL;
  int result = SSL_select_next_proto(
    &protocol, chosen_count, context->protocols, context->protocols_count, offered, offered_count);
  *chosen = protocol;
  return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

static void log_key(const SSL *ssl, const char *line) {
  copenssl_context *context = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
  if (context && context->key_logged) context->key_logged(context->key_log_receiver, line);
}

static int keep_resumption(SSL *ssl, SSL_SESSION *resumption) {
  copenssl_session *session = session_of(ssl);
  if (!session) return 0;
  SSL_SESSION_free(session->resumption);
  session->resumption = resumption;
  return 1;
}

// No key is ever asked for at the terminal.
static int no_password(char *buffer, int room, int writing, void *unused) {
  (void)buffer, (void)room, (void)writing, (void)unused;
  return -1;
}

// MARK: Contexts

copenssl_context *copenssl_context_new(bool server, copenssl_failure *failure) {
  ERR_clear_error();
  copenssl_context *context = calloc(1, sizeof *context);
  SSL_CTX *ctx = SSL_CTX_new(server ? TLS_server_method() : TLS_client_method());
  if (!context || !ctx) {
    openssl_take_failure(failure);
    SSL_CTX_free(ctx);
    free(context);
    return NULL;
  }
  context->ctx = ctx;
  context->server = server;
  SSL_CTX_set_app_data(ctx, context);
  // RFC 8996, where the library's configuration does not ask for more.
  if (SSL_CTX_get_min_proto_version(ctx) < TLS1_2_VERSION) SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
  // No renegotiation, and compression is off at all times. 0-RTT is off where nobody turns it on.
  SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  // One record a write, so that a blocked one is never half of what is reported. The chain is what was given and no
  // certificate more. An idle session keeps no buffers.
  SSL_CTX_set_mode(
    ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS
           | SSL_MODE_NO_AUTO_CHAIN);
  // A record takes one read, not one for its header and another for the rest.
  SSL_CTX_set_read_ahead(ctx, 1);
  SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_info_callback(ctx, saw);
  SSL_CTX_set_default_passwd_cb(ctx, no_password);
  if (server) {
    SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET | SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_num_tickets(ctx, 0);
    SSL_CTX_set_dh_auto(ctx, 1);
    SSL_CTX_set_tlsext_servername_callback(ctx, named);
  }
  copenssl_context_set_verification(context, server ? COPENSSL_VERIFY_NONE : COPENSSL_VERIFY_REQUIRED);
  return context;
}

void copenssl_context_free(copenssl_context *context) {
  if (!context) return;
  SSL_CTX_free(context->ctx);
  for (size_t i = 0; i < context->identity_count; i++) {
    X509_free(context->identities[i].certificate);
    sk_X509_pop_free(context->identities[i].chain, X509_free);
    EVP_PKEY_free(context->identities[i].key);
  }
  free(context->identities);
  free(context->protocols);
  free(context);
}

bool copenssl_context_set_versions(copenssl_context *context, int lowest, int highest, copenssl_failure *failure) {
  ERR_clear_error();
  bool good = (!lowest || SSL_CTX_set_min_proto_version(context->ctx, lowest) == 1)
    && (!highest || SSL_CTX_set_max_proto_version(context->ctx, highest) == 1);
  if (!good) openssl_take_failure(failure);
  return good;
}

const char *copenssl_cipher_name(const char *standard_name) { return OPENSSL_cipher_name(standard_name); }

bool copenssl_context_set_ciphers(copenssl_context *context, const char *list, copenssl_failure *failure) {
  ERR_clear_error();
  bool good = SSL_CTX_set_cipher_list(context->ctx, list) == 1;
  if (!good) openssl_take_failure(failure);
  return good;
}

bool copenssl_context_set_ciphersuites(copenssl_context *context, const char *list, copenssl_failure *failure) {
  ERR_clear_error();
  bool good = SSL_CTX_set_ciphersuites(context->ctx, list) == 1;
  if (!good) openssl_take_failure(failure);
  return good;
}

bool copenssl_context_set_groups(copenssl_context *context, const char *list, copenssl_failure *failure) {
  ERR_clear_error();
  bool good = SSL_CTX_set1_groups_list(context->ctx, (char *)list) == 1;
  if (!good) openssl_take_failure(failure);
  return good;
}

void copenssl_context_set_security_level(copenssl_context *context, int level) {
  SSL_CTX_set_security_level(context->ctx, level);
}

// Read once: where the store is one file, that takes 40 ms.
static pthread_once_t system_once = PTHREAD_ONCE_INIT;
static X509_STORE *system_store;

static void read_system_store(void) {
  X509_STORE *store = X509_STORE_new();
  if (store && X509_STORE_set_default_paths(store) == 1) {
    system_store = store;
    ERR_clear_error();
  } else {
    X509_STORE_free(store);
  }
}

bool copenssl_context_trust_system(copenssl_context *context, copenssl_failure *failure) {
  ERR_clear_error();
  pthread_once(&system_once, read_system_store);
  if (system_store) {
    SSL_CTX_set1_cert_store(context->ctx, system_store);
  } else {
    openssl_take_failure(failure);
  }
  return system_store != NULL;
}

bool copenssl_context_trust(
  copenssl_context *context, const copenssl_certificate *certificate, copenssl_failure *failure) {
  ERR_clear_error();
  X509_STORE *store = SSL_CTX_get_cert_store(context->ctx);
  // Who names a certificate trusts it, be it an authority of its own or not.
  bool good = X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN) == 1
    && X509_STORE_add_cert(store, (X509 *)certificate) == 1
    // A server tells its clients whose certificates it takes.
    && (!context->server || SSL_CTX_add_client_CA(context->ctx, (X509 *)certificate) == 1);
  if (!good) openssl_take_failure(failure);
  return good;
}

void copenssl_context_set_verification(copenssl_context *context, copenssl_verification verification) {
  int mode = SSL_VERIFY_NONE;
  if (verification == COPENSSL_VERIFY_OPTIONAL) mode = SSL_VERIFY_PEER;
  if (verification == COPENSSL_VERIFY_REQUIRED) mode = SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
  SSL_CTX_set_verify(context->ctx, mode, verified);
}

bool copenssl_context_add_identity(
  copenssl_context *context, const copenssl_certificate *certificate, const copenssl_certificate *const *chain,
  size_t chain_count, const copenssl_key *key, copenssl_failure *failure) {
  ERR_clear_error();
  identity *more = realloc(context->identities, (context->identity_count + 1) * sizeof *more);
  if (!more) goto failed;
  context->identities = more;
  identity *one = &more[context->identity_count];
  *one = (identity){.chain = sk_X509_new_null()};
  if (!one->chain) goto failed;
  context->identity_count += 1;
  if (X509_up_ref((X509 *)certificate)) one->certificate = (X509 *)certificate;
  if (EVP_PKEY_up_ref((EVP_PKEY *)key)) one->key = (EVP_PKEY *)key;
  for (size_t i = 0; i < chain_count; i++) {
    if (!X509_up_ref((X509 *)chain[i])) goto failed;
    if (sk_X509_push(one->chain, (X509 *)chain[i]) <= 0) {
      X509_free((X509 *)chain[i]);
      goto failed;
    }
  }
  if (!one->certificate || !one->key) goto failed;
  // Tried in any case, so that a bad one is found now and not in a handshake.
  if (context->identity_count == 1) {
    if (SSL_CTX_use_cert_and_key(context->ctx, one->certificate, one->key, one->chain, 1) != 1) goto failed;
  } else {
    SSL *trial = SSL_new(context->ctx);
    int good = trial ? SSL_use_cert_and_key(trial, one->certificate, one->key, one->chain, 1) : 0;
    SSL_free(trial);
    if (good != 1) goto failed;
    SSL_CTX_set_cert_cb(context->ctx, choose_identity, context);
  }
  return true;
failed:
  openssl_take_failure(failure);
  return false;
}

bool copenssl_context_set_protocols(copenssl_context *context, const uint8_t *list, size_t count) {
  if (!context->server) return SSL_CTX_set_alpn_protos(context->ctx, list, (unsigned)count) == 0;
  uint8_t *copy = malloc(count);
  if (!copy) return false;
  memcpy(copy, list, count);
  free(context->protocols);
  context->protocols = copy;
  context->protocols_count = (unsigned)count;
  SSL_CTX_set_alpn_select_cb(context->ctx, choose_protocol, context);
  return true;
}

void copenssl_context_allow_resumption(copenssl_context *context) {
  if (context->server) {
    static const unsigned char scope[] = "sock";
    SSL_CTX_clear_options(context->ctx, SSL_OP_NO_TICKET);
    // The library's own number.
    SSL_CTX_set_num_tickets(context->ctx, 2);
    SSL_CTX_set_session_cache_mode(context->ctx, SSL_SESS_CACHE_SERVER);
    SSL_CTX_set_session_id_context(context->ctx, scope, sizeof scope - 1);
  } else {
    SSL_CTX_set_session_cache_mode(context->ctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context->ctx, keep_resumption);
  }
}

void copenssl_context_set_key_log(
  copenssl_context *context, void *receiver, void (*logged)(void *receiver, const char *line)) {
  context->key_log_receiver = receiver;
  context->key_logged = logged;
  SSL_CTX_set_keylog_callback(context->ctx, log_key);
}

// MARK: Sessions

copenssl_session *copenssl_session_new(copenssl_context *context, copenssl_failure *failure) {
  ERR_clear_error();
  copenssl_session *session = calloc(1, sizeof *session);
  SSL *ssl = session ? SSL_new(context->ctx) : NULL;
  BIO *bio = ssl ? BIO_new(wire_method) : NULL;
  if (!bio) {
    openssl_take_failure(failure);
    SSL_free(ssl);
    free(session);
    return NULL;
  }
  session->ssl = ssl;
  session->alert_received = session->alert_sent = -1;
  BIO_set_data(bio, session);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl, bio, bio);
  if (context->server) {
    SSL_set_accept_state(ssl);
  } else {
    SSL_set_connect_state(ssl);
  }
  return session;
}

void copenssl_session_set_wire(copenssl_session *session, void *owner, copenssl_wire wire) {
  session->owner = owner;
  session->wire = wire;
}

void copenssl_session_free(copenssl_session *session) {
  if (!session) return;
  // Whoever hangs up without close_notify may resume all the same.
  SSL_set_quiet_shutdown(session->ssl, 1);
  SSL_shutdown(session->ssl);
  SSL_free(session->ssl);
  SSL_SESSION_free(session->resumption);
  X509_free(session->faulty);
  sk_X509_pop_free(session->refused_chain, X509_free);
  ERR_clear_error();
  free(session->failure);
  free(session);
}

bool copenssl_session_set_server_name(copenssl_session *session, const char *name, copenssl_failure *failure) {
  ERR_clear_error();
  bool good = SSL_set_tlsext_host_name(session->ssl, name) == 1;
  if (!good) openssl_take_failure(failure);
  return good;
}

bool copenssl_session_expect_name(copenssl_session *session, const char *name, copenssl_failure *failure) {
  ERR_clear_error();
  X509_VERIFY_PARAM *parameters = SSL_get0_param(session->ssl);
  // The names of a certificate are its alternative names (RFC 9525 section 2), and a star stands for a whole label.
  X509_VERIFY_PARAM_set_hostflags(
    parameters, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  bool good = X509_VERIFY_PARAM_set1_host(parameters, name, 0) == 1;
  if (!good) openssl_take_failure(failure);
  return good;
}

bool copenssl_session_expect_address(
  copenssl_session *session, const uint8_t *address, size_t count, copenssl_failure *failure) {
  ERR_clear_error();
  bool good = X509_VERIFY_PARAM_set1_ip(SSL_get0_param(session->ssl), address, count) == 1;
  if (!good) openssl_take_failure(failure);
  return good;
}

// What a call that did not do its work has come to.
static copenssl_outcome outcome_of(copenssl_session *session, int result) {
  int error = SSL_get_error(session->ssl, result);
  switch (error) {
    case SSL_ERROR_WANT_READ: return COPENSSL_OUTCOME_WANTS_READ;
    case SSL_ERROR_WANT_WRITE: return COPENSSL_OUTCOME_WANTS_WRITE;
    case SSL_ERROR_ZERO_RETURN: return COPENSSL_OUTCOME_ENDED;
    default: break;
  }
  if (!session->failure) session->failure = calloc(1, sizeof *session->failure);
  if (session->failure && error == SSL_ERROR_SYSCALL) {
    *session->failure = (copenssl_failure){.kind = COPENSSL_FAILURE_WIRE};
  } else if (session->failure) {
    openssl_take_failure(session->failure);
  }
  ERR_clear_error();
  return COPENSSL_OUTCOME_FAILED;
}

copenssl_outcome copenssl_session_handshake(copenssl_session *session) {
  ERR_clear_error();
  int result = SSL_do_handshake(session->ssl);
  return result == 1 ? COPENSSL_OUTCOME_DONE : outcome_of(session, result);
}

copenssl_outcome copenssl_session_read(copenssl_session *session, void *bytes, size_t count, size_t *moved) {
  clear_errors();
  int result = SSL_read_ex(session->ssl, bytes, count, moved);
  return result == 1 ? COPENSSL_OUTCOME_DONE : outcome_of(session, result);
}

copenssl_outcome copenssl_session_write(copenssl_session *session, const void *bytes, size_t count, size_t *moved) {
  clear_errors();
  int result = SSL_write_ex(session->ssl, bytes, count, moved);
  return result == 1 ? COPENSSL_OUTCOME_DONE : outcome_of(session, result);
}

copenssl_outcome copenssl_session_peek(copenssl_session *session) {
  char byte;
  size_t moved = 0;
  clear_errors();
  int result = SSL_peek_ex(session->ssl, &byte, 1, &moved);
  return result == 1 ? COPENSSL_OUTCOME_DONE : outcome_of(session, result);
}

copenssl_outcome copenssl_session_shutdown(copenssl_session *session) {
  ERR_clear_error();
  int result = SSL_shutdown(session->ssl);
  // 0: it is sent, and the peer's is not there yet.
  return result >= 0 ? COPENSSL_OUTCOME_DONE : outcome_of(session, result);
}

bool copenssl_session_update_keys(copenssl_session *session, bool both, copenssl_failure *failure) {
  ERR_clear_error();
  bool good = SSL_key_update(session->ssl, both ? SSL_KEY_UPDATE_REQUESTED : SSL_KEY_UPDATE_NOT_REQUESTED) == 1;
  if (!good) openssl_take_failure(failure);
  return good;
}

copenssl_failure copenssl_session_failure(const copenssl_session *session) {
  return session->failure ? *session->failure : (copenssl_failure){.kind = COPENSSL_FAILURE_OTHER};
}

int copenssl_session_alert_received(const copenssl_session *session) { return session->alert_received; }
int copenssl_session_alert_sent(const copenssl_session *session) { return session->alert_sent; }

size_t copenssl_session_pending(const copenssl_session *session) { return (size_t)SSL_pending(session->ssl); }
bool copenssl_session_has_pending(const copenssl_session *session) { return SSL_has_pending(session->ssl) == 1; }

size_t copenssl_session_fragment(const copenssl_session *session) {
  const SSL_SESSION *settled = SSL_get_session(session->ssl);
  // RFC 6066 section 4: 512 bytes for 1, twice as many for each number more.
  unsigned code = settled ? SSL_SESSION_get_max_fragment_length(settled) : 0;
  return code >= 1 && code <= 4 ? (size_t)512 << (code - 1) : SSL3_RT_MAX_PLAIN_LENGTH;
}

// MARK: What was agreed on

static copenssl_verdict verdict_of(int error) {
  switch (error) {
    case X509_V_OK: return COPENSSL_VERIFIED;
    case X509_V_ERR_CERT_HAS_EXPIRED: return COPENSSL_VERIFY_EXPIRED;
    case X509_V_ERR_CERT_NOT_YET_VALID: return COPENSSL_VERIFY_NOT_YET_VALID;
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH: return COPENSSL_VERIFY_WRONG_NAME;
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_CERT_UNTRUSTED: return COPENSSL_VERIFY_UNKNOWN_AUTHORITY;
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT: return COPENSSL_VERIFY_SELF_SIGNED;
    case X509_V_ERR_INVALID_PURPOSE: return COPENSSL_VERIFY_WRONG_USAGE;
    case X509_V_ERR_EE_KEY_TOO_SMALL:
    case X509_V_ERR_CA_KEY_TOO_SMALL: return COPENSSL_VERIFY_WEAK_KEY;
    case X509_V_ERR_CA_MD_TOO_WEAK: return COPENSSL_VERIFY_WEAK_SIGNATURE;
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
    case X509_V_ERR_UNABLE_TO_DECRYPT_CERT_SIGNATURE: return COPENSSL_VERIFY_BAD_SIGNATURE;
    case X509_V_ERR_CERT_REVOKED: return COPENSSL_VERIFY_REVOKED;
    case X509_V_ERR_INVALID_CA:
    case X509_V_ERR_KEYUSAGE_NO_CERTSIGN:
    case X509_V_ERR_PATH_LENGTH_EXCEEDED: return COPENSSL_VERIFY_NO_AUTHORITY;
    default: return COPENSSL_VERIFY_OTHER;
  }
}

copenssl_verification_result copenssl_session_verification(const copenssl_session *session) {
  int error = session->verify_error;
  // A resumed session has the verdict of its first handshake.
  if (!error) error = (int)SSL_get_verify_result(session->ssl);
  return (copenssl_verification_result){
    .verdict = verdict_of(error),
    .number = error,
    .text = X509_verify_cert_error_string(error),
    .depth = session->verify_depth,
    .certificate = (const copenssl_certificate *)session->faulty,
  };
}

size_t copenssl_session_peer_count(const copenssl_session *session) {
  X509 *first = SSL_get0_peer_certificate(session->ssl);
  STACK_OF(X509) *chain = SSL_get_peer_cert_chain(session->ssl);
  if (!first) return session->refused_chain ? (size_t)sk_X509_num(session->refused_chain) : 0;
  // A server's list leaves out the peer's own; a resumed session has no list.
  size_t count = chain ? (size_t)sk_X509_num(chain) : 0;
  return SSL_is_server(session->ssl) || count == 0 ? count + 1 : count;
}

const copenssl_certificate *copenssl_session_peer(const copenssl_session *session, size_t index) {
  X509 *first = SSL_get0_peer_certificate(session->ssl);
  STACK_OF(X509) *chain = SSL_get_peer_cert_chain(session->ssl);
  if (!first) return (const copenssl_certificate *)sk_X509_value(session->refused_chain, (int)index);
  if (index == 0) return (const copenssl_certificate *)first;
  return (const copenssl_certificate *)sk_X509_value(chain, (int)index - (SSL_is_server(session->ssl) ? 1 : 0));
}

int copenssl_session_version(const copenssl_session *session) {
  return SSL_is_init_finished(session->ssl) ? SSL_version(session->ssl) : 0;
}

const char *copenssl_session_cipher(const copenssl_session *session) {
  const SSL_CIPHER *cipher = SSL_get_current_cipher(session->ssl);
  return cipher ? SSL_CIPHER_standard_name(cipher) : NULL;
}

const char *copenssl_session_group(const copenssl_session *session) {
  // A resumed session of TLS 1.2 has made no new exchange, and finite fields have no number before TLS 1.3.
  long group = SSL_get_negotiated_group(session->ssl);
  return group > 0 ? SSL_group_to_name(session->ssl, (int)group) : NULL;
}

const uint8_t *copenssl_session_protocol(const copenssl_session *session, size_t *count) {
  const unsigned char *protocol = NULL;
  unsigned length = 0;
  SSL_get0_alpn_selected(session->ssl, &protocol, &length);
  *count = length;
  return length > 0 ? protocol : NULL;
}

const char *copenssl_session_server_name(const copenssl_session *session) {
  return SSL_get_servername(session->ssl, TLSEXT_NAMETYPE_host_name);
}

bool copenssl_session_resumed(const copenssl_session *session) { return SSL_session_reused(session->ssl) == 1; }

bool copenssl_session_export(
  copenssl_session *session, const char *label, size_t label_count, const uint8_t *context, size_t context_count,
  uint8_t *bytes, size_t count, copenssl_failure *failure) {
  ERR_clear_error();
  bool good = SSL_export_keying_material(
                session->ssl, bytes, count, label, label_count, context, context_count, context != NULL)
    == 1;
  if (!good) openssl_take_failure(failure);
  return good;
}

copenssl_resumption *copenssl_session_take_resumption(copenssl_session *session) {
  SSL_SESSION *resumption = session->resumption;
  session->resumption = NULL;
  return (copenssl_resumption *)resumption;
}

bool copenssl_session_resume(
  copenssl_session *session, const copenssl_resumption *resumption, copenssl_failure *failure) {
  ERR_clear_error();
  bool good = SSL_set_session(session->ssl, (SSL_SESSION *)resumption) == 1;
  if (!good) openssl_take_failure(failure);
  return good;
}

void copenssl_resumption_free(copenssl_resumption *resumption) { SSL_SESSION_free((SSL_SESSION *)resumption); }
