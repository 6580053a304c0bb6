// TLS and certificates from OpenSSL's libssl, which is loaded at the first use. What may be called before anything
// else is copenssl_load; every other function here may be called only after it has given null.
//
// A context may be shared by threads once it is set up; a session belongs to one thread at a time. No function leaves
// an entry in the library's queue of errors.
#ifndef COPENSSL_TLS_H
#define COPENSSL_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Loads the library: null when that has worked, now or earlier, else what is missing.
const char *copenssl_load(void);

// Of the library that is loaded, as "3.0.15".
const char *copenssl_version(void);

// MARK: Errors

typedef enum {
  COPENSSL_FAILURE_OTHER,
  // The wire could not read or write; the library has no more to say.
  COPENSSL_FAILURE_WIRE,
  COPENSSL_FAILURE_VERIFICATION,
  COPENSSL_FAILURE_NO_PEER_CERTIFICATE,
  // A fatal alert came.
  COPENSSL_FAILURE_ALERT,
  COPENSSL_FAILURE_NOT_TLS,
  COPENSSL_FAILURE_VERSION,
  // No cipher, group or signature algorithm that both sides know.
  COPENSSL_FAILURE_NOTHING_SHARED,
  COPENSSL_FAILURE_NO_APPLICATION_PROTOCOL,
  // A record that was changed, or is too long.
  COPENSSL_FAILURE_BAD_RECORD,
  COPENSSL_FAILURE_UNEXPECTED_MESSAGE,
  // A read or write after close_notify was sent, or the like.
  COPENSSL_FAILURE_MISUSE,
  COPENSSL_FAILURE_KEY_MISMATCH,
  COPENSSL_FAILURE_WEAK_CERTIFICATE,
  COPENSSL_FAILURE_ENCRYPTED_KEY,
  COPENSSL_FAILURE_NO_PEM,
} copenssl_failure_kind;

enum { COPENSSL_MAXIMUM_TEXT = 256 };

typedef struct {
  copenssl_failure_kind kind;
  // What the library calls it, such as "wrong version number"; may be empty.
  char text[COPENSSL_MAXIMUM_TEXT];
} copenssl_failure;

// MARK: Certificates and keys

// An X509 and an EVP_PKEY of the library.
typedef struct copenssl_certificate copenssl_certificate;
typedef struct copenssl_key copenssl_key;

void copenssl_certificate_free(copenssl_certificate *certificate);
void copenssl_key_free(copenssl_key *key);

// Calls `found`, which becomes the owner, for each certificate of a PEM text. False for one that cannot be read.
bool copenssl_read_certificates(
  const void *pem, size_t count, void *receiver, void (*found)(void *receiver, copenssl_certificate *certificate),
  copenssl_failure *failure);

// The first private key of a PEM text; null without one or for an encrypted one.
copenssl_key *copenssl_read_key(const void *pem, size_t count, copenssl_failure *failure);

typedef enum {
  COPENSSL_FIELD_SUBJECT,
  COPENSSL_FIELD_ISSUER,
  // Hexadecimal, with leading zeros.
  COPENSSL_FIELD_SERIAL,
  // As "P-256" or "RSA 2048".
  COPENSSL_FIELD_KEY,
  // As "ecdsa-with-SHA256".
  COPENSSL_FIELD_SIGNATURE,
  // An int64_t each: seconds since 1970.
  COPENSSL_FIELD_NOT_BEFORE,
  COPENSSL_FIELD_NOT_AFTER,
  COPENSSL_FIELD_DER,
  COPENSSL_FIELD_PEM,
  // Subject alternative names; an address is 4 or 16 bytes.
  COPENSSL_FIELD_DNS,
  COPENSSL_FIELD_ADDRESS,
  COPENSSL_FIELD_URI,
  COPENSSL_FIELD_EMAIL,
} copenssl_field;

typedef void (*copenssl_field_receiver)(void *receiver, copenssl_field field, const void *bytes, size_t count);

// Calls `receive` for what there is to say about a certificate. What came from a peer may hold any bytes.
void copenssl_describe(const copenssl_certificate *certificate, void *receiver, copenssl_field_receiver receive);

// A new key: of P-256 for 0 bits, else of RSA.
copenssl_key *copenssl_make_key(unsigned rsa_bits, copenssl_failure *failure);

// Calls `receive` once with the PEM of a private key (PKCS #8).
bool copenssl_describe_key(const copenssl_key *key, void *receiver, copenssl_field_receiver receive);

typedef struct {
  copenssl_field kind;
  const void *bytes;
  size_t count;
} copenssl_name;

typedef struct {
  // At most 64 characters of UTF-8.
  const char *common_name;
  const copenssl_name *names;
  size_t name_count;
  int64_t not_before, not_after;
  bool authority, for_server, for_client, for_code;
  // Signed with SHA-1 instead of SHA-256.
  bool sha1;
} copenssl_request;

// A certificate for `key`, signed by the issuer; by itself where that is null.
copenssl_certificate *copenssl_make_certificate(
  const copenssl_request *request, const copenssl_key *key, const copenssl_certificate *issuer,
  const copenssl_key *issuer_key, copenssl_failure *failure);

// MARK: Contexts

typedef struct copenssl_context copenssl_context;

copenssl_context *copenssl_context_new(bool server, copenssl_failure *failure);
void copenssl_context_free(copenssl_context *context);

// The versions as in a record, 0x0301 to 0x0304; 0 leaves a bound as it is: 1.2 or what the library's configuration
// asks for above it, and the library's highest.
bool copenssl_context_set_versions(copenssl_context *context, int lowest, int highest, copenssl_failure *failure);
// OpenSSL's name of a cipher of TLS 1.2 or earlier that has this standard name, as
// TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256; "(NONE)" where there is none.
const char *copenssl_cipher_name(const char *standard_name);
// OpenSSL's lists, separated by ":".
bool copenssl_context_set_ciphers(copenssl_context *context, const char *list, copenssl_failure *failure);
bool copenssl_context_set_ciphersuites(copenssl_context *context, const char *list, copenssl_failure *failure);
bool copenssl_context_set_groups(copenssl_context *context, const char *list, copenssl_failure *failure);
// SSL_CTX_set_security_level(3), 0 to 5.
void copenssl_context_set_security_level(copenssl_context *context, int level);
bool copenssl_context_trust_system(copenssl_context *context, copenssl_failure *failure);
bool copenssl_context_trust(
  copenssl_context *context, const copenssl_certificate *certificate, copenssl_failure *failure);

typedef enum { COPENSSL_VERIFY_NONE, COPENSSL_VERIFY_OPTIONAL, COPENSSL_VERIFY_REQUIRED } copenssl_verification;
void copenssl_context_set_verification(copenssl_context *context, copenssl_verification verification);

// A certificate with its chain and key. A server with several takes those that match the name a client asks for, else
// the first.
bool copenssl_context_add_identity(
  copenssl_context *context, const copenssl_certificate *certificate, const copenssl_certificate *const *chain,
  size_t chain_count, const copenssl_key *key, copenssl_failure *failure);
// The list as RFC 7301 section 3.1 encodes it, without the length before it.
bool copenssl_context_set_protocols(copenssl_context *context, const uint8_t *list, size_t count);
void copenssl_context_allow_resumption(copenssl_context *context);
// `line` has no line end. It is called in the middle of a handshake, from any thread that makes one.
void copenssl_context_set_key_log(
  copenssl_context *context, void *receiver, void (*logged)(void *receiver, const char *line));

// MARK: Sessions

typedef struct copenssl_session copenssl_session;
// What a session can be resumed by (SSL_SESSION).
typedef struct copenssl_resumption copenssl_resumption;

enum { COPENSSL_WIRE_BLOCKED = -1, COPENSSL_WIRE_FAILED = -2 };

// The encrypted side: how many bytes were moved, at least 1, or one of the two above.
typedef struct {
  ptrdiff_t (*read)(void *owner, void *bytes, size_t count);
  ptrdiff_t (*write)(void *owner, const void *bytes, size_t count);
} copenssl_wire;

typedef enum {
  COPENSSL_OUTCOME_DONE,
  COPENSSL_OUTCOME_WANTS_READ,
  COPENSSL_OUTCOME_WANTS_WRITE,
  // close_notify came.
  COPENSSL_OUTCOME_ENDED,
  // copenssl_session_failure says why.
  COPENSSL_OUTCOME_FAILED,
} copenssl_outcome;

copenssl_session *copenssl_session_new(copenssl_context *context, copenssl_failure *failure);
// Comes before any call that needs the wire.
void copenssl_session_set_wire(copenssl_session *session, void *owner, copenssl_wire wire);
void copenssl_session_free(copenssl_session *session);

// What a client asks for (SNI, RFC 6066 section 3); null for nothing.
bool copenssl_session_set_server_name(copenssl_session *session, const char *name, copenssl_failure *failure);
// What the peer's certificate has to name: a DNS name, or an address of 4 or 16 bytes.
bool copenssl_session_expect_name(copenssl_session *session, const char *name, copenssl_failure *failure);
bool copenssl_session_expect_address(
  copenssl_session *session, const uint8_t *address, size_t count, copenssl_failure *failure);

copenssl_outcome copenssl_session_handshake(copenssl_session *session);
copenssl_outcome copenssl_session_read(copenssl_session *session, void *bytes, size_t count, size_t *moved);
copenssl_outcome copenssl_session_write(copenssl_session *session, const void *bytes, size_t count, size_t *moved);
// Reads as far as the next byte of the application, which stays to be read: an alert before it shows.
copenssl_outcome copenssl_session_peek(copenssl_session *session);
// Sends close_notify. Once that is done it is not called again.
copenssl_outcome copenssl_session_shutdown(copenssl_session *session);
// Asks for new keys (RFC 8446 section 4.6.3); with `both`, the peer as well.
bool copenssl_session_update_keys(copenssl_session *session, bool both, copenssl_failure *failure);

copenssl_failure copenssl_session_failure(const copenssl_session *session);
// An alert's description, -1 for none: the last one that came or went, close_notify left out.
int copenssl_session_alert_received(const copenssl_session *session);
int copenssl_session_alert_sent(const copenssl_session *session);

// Decrypted bytes that can be read without the wire.
size_t copenssl_session_pending(const copenssl_session *session);
// Whether the session holds bytes from the wire that were not read yet, decrypted or not.
bool copenssl_session_has_pending(const copenssl_session *session);
// The most bytes of one record.
size_t copenssl_session_fragment(const copenssl_session *session);

typedef enum {
  COPENSSL_VERIFIED,
  COPENSSL_VERIFY_EXPIRED,
  COPENSSL_VERIFY_NOT_YET_VALID,
  COPENSSL_VERIFY_WRONG_NAME,
  COPENSSL_VERIFY_UNKNOWN_AUTHORITY,
  COPENSSL_VERIFY_SELF_SIGNED,
  COPENSSL_VERIFY_WRONG_USAGE,
  COPENSSL_VERIFY_WEAK_KEY,
  COPENSSL_VERIFY_WEAK_SIGNATURE,
  COPENSSL_VERIFY_BAD_SIGNATURE,
  COPENSSL_VERIFY_REVOKED,
  COPENSSL_VERIFY_NO_AUTHORITY,
  COPENSSL_VERIFY_OTHER,
} copenssl_verdict;

typedef struct {
  copenssl_verdict verdict;
  // OpenSSL's number (X509_V_ERR_…) and its words.
  int number;
  const char *text;
  // How far from the peer's own certificate the faulty one is, in steps towards the authority.
  int depth;
  // The faulty one; owned by the session; null where nothing is wrong or no certificate is.
  const copenssl_certificate *certificate;
} copenssl_verification_result;

// How the verification of the peer's certificate came out, also where nobody acts on it.
copenssl_verification_result copenssl_session_verification(const copenssl_session *session);

// The certificates that the peer sent, its own first; also after a handshake that failed by them. They are borrowed.
size_t copenssl_session_peer_count(const copenssl_session *session);
const copenssl_certificate *copenssl_session_peer(const copenssl_session *session, size_t index);

// As in a record; 0 before the handshake.
int copenssl_session_version(const copenssl_session *session);
// IANA's name of the cipher suite; null before the handshake.
const char *copenssl_session_cipher(const copenssl_session *session);
// The group of the key exchange; null where there was none.
const char *copenssl_session_group(const copenssl_session *session);
// Null for none.
const uint8_t *copenssl_session_protocol(const copenssl_session *session, size_t *count);
const char *copenssl_session_server_name(const copenssl_session *session);
bool copenssl_session_resumed(const copenssl_session *session);
// RFC 5705 and RFC 8446 section 7.5. `context` is null for none.
bool copenssl_session_export(
  copenssl_session *session, const char *label, size_t label_count, const uint8_t *context, size_t context_count,
  uint8_t *bytes, size_t count, copenssl_failure *failure);

// What the session can be resumed by, which is the caller's; null where nothing came yet.
copenssl_resumption *copenssl_session_take_resumption(copenssl_session *session);
bool copenssl_session_resume(
  copenssl_session *session, const copenssl_resumption *resumption, copenssl_failure *failure);
void copenssl_resumption_free(copenssl_resumption *resumption);

#endif
