// Checksums and digests.

extension FunctionRow {
  static var crc16: FunctionRow {
    FunctionRow(
      .crc16, ["s", "variant"], .integer,
      "a CRC of 16 bits: \"arc\", \"ccitt-false\", \"kermit\", \"modbus\", \"usb\", \"x25\" (PPP's) or \"xmodem\"",
      #"crc16("123456789", "modbus")"#, "19255")
  }

  static var crc32: FunctionRow {
    FunctionRow(.crc32, ["s"], .integer, "the CRC-32 of zlib and Ethernet", #"crc32("123456789")"#, "3421780262")
  }

  static var inet_checksum: FunctionRow {
    FunctionRow(
      .inet_checksum, ["s"], .integer, "the checksum of IP, TCP, UDP and ICMP; 0 where the string holds its own",
      #"inet_checksum(x"00 01 f2 03 f4 f5 f6 f7")"#, "8717")
  }

  static var md5: FunctionRow {
    FunctionRow(
      .md5, ["s"], .string, "the MD5 digest, 16 bytes", #"hex(md5(""))"#,
      #""d41d8cd98f00b204e9800998ecf8427e""#)
  }

  static var sha1: FunctionRow {
    FunctionRow(
      .sha1, ["s"], .string, "the SHA-1 digest, 20 bytes", #"hex(sha1(""))"#,
      #""da39a3ee5e6b4b0d3255bfef95601890afd80709""#)
  }

  static var sha256: FunctionRow {
    FunctionRow(
      .sha256, ["s"], .string, "the SHA-256 digest, 32 bytes", #"hex(sha256(""))"#,
      #""e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855""#)
  }

  static var sha384: FunctionRow {
    FunctionRow(.sha384, ["s"], .string, "the SHA-384 digest, 48 bytes", #"hex(sha384(""))[0..7]"#, #""38b060a7""#)
  }

  static var sha512: FunctionRow {
    FunctionRow(.sha512, ["s"], .string, "the SHA-512 digest, 64 bytes", #"hex(sha512(""))[0..7]"#, #""cf83e135""#)
  }

  static var hmac: FunctionRow {
    FunctionRow(
      .hmac, ["name", "key", "data"], .string, "the HMAC by a digest: `md5`, `sha1`, `sha256`…",
      #"len(hmac("sha256", "key", "data"))"#, "32")
  }

  static var hkdf: FunctionRow {
    FunctionRow(
      .hkdf, ["name", "key", "salt", "info", "length"], .string,
      "so many bytes of key material from a secret (RFC 5869), by a digest; a salt or info may be empty",
      #"hex(hkdf("sha256", "key", "salt", "info", 4))"#, #""9ca0d662""#)
  }

  static var pbkdf2: FunctionRow {
    FunctionRow(
      .pbkdf2, ["name", "key", "salt", "count", "length"], .string,
      "so many bytes of a key from a password (RFC 8018), by so many rounds of a digest",
      #"hex(pbkdf2("sha256", "password", "salt", 1, 4))"#, #""120fb6cf""#)
  }
}
