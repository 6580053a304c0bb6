// Checksums and digests.

extension FunctionRow {
  static var crc32: FunctionRow {
    FunctionRow(.crc32, ["s"], .integer, "the CRC-32 of zlib and Ethernet", #"crc32("123456789")"#, "3421780262")
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

  static var hmac: FunctionRow {
    FunctionRow(
      .hmac, ["name", "key", "data"], .string, "the HMAC by a digest: `md5`, `sha1`, `sha256`…",
      #"len(hmac("sha256", "key", "data"))"#, "32")
  }
}
