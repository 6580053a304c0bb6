// Encodings and digests, against the vectors of their standards.

import SockLanguage
import Testing

@testable import SockRuntime

@Suite struct BuiltinBytesTests {
  @Test func hex() {
    check(.hex, [([bytes("00 7f ff")], #""007fff""#), ([""], #""""#)])
    check(
      .unhex,
      [
        (["41 42\n43"], #""ABC""#), (["fF00"], #""\xff\0""#), ([""], #""""#),
        (["4g"], #"parse: unhex: "g" at byte 1 is no hexadecimal digit"#),
        (["x4"], #"parse: unhex: "x" at byte 0 is no hexadecimal digit"#),
        (["414"], "parse: unhex: the digit at byte 2 has no second one"),
        (["4 1"], #"parse: unhex: " " at byte 1 is no hexadecimal digit"#),
      ])
  }

  /// RFC 4648 section 10.
  @Test func base64() {
    let vectors: [(Value, Value)] = [
      ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
      ("foobar", "Zm9vYmFy"),
      (bytes("14 fb 9c 03 d9 7e"), "FPucA9l+"), (bytes("ff ff fe"), "///+"),
    ]
    for (plain, encoded) in vectors {
      #expect(outcome(.base64, [plain]) == inspected(encoded))
      #expect(outcome(.unbase64, [encoded]) == inspected(plain))
    }
    check(
      .unbase64,
      [
        (["Zm9v\r\nYmFy\n"], #""foobar""#),
        (["Zg"], #""f""#), (["Zm9vYmE"], #""fooba""#),
        (["Zg="], "parse: unbase64: the last group has 2 of 4 digits, and a part of its padding is missing"),
        (["Z"], "parse: unbase64: the last group has 1 of 4 digits, which is less than a byte"),
        (["Zg==="], "parse: unbase64: unexpected padding at byte 4"),
        (["===="], "parse: unbase64: unexpected padding at byte 0"),
        (["Zm9v="], "parse: unbase64: unexpected padding at byte 4"),
        (["Z==="], "parse: unbase64: unexpected padding at byte 1"),
        (["Zg==Zg=="], #"parse: unbase64: "Z" at byte 4 follows the padding"#),
        (["Zh=="], "parse: unbase64: the last digit has bits that mean nothing"),
        (["Zm9="], "parse: unbase64: the last digit has bits that mean nothing"),
        (["Zm9_"], #"parse: unbase64: "_" at byte 3 is no base64 digit (`unbase64url` reads it)"#),
      ])
  }

  @Test func url() {
    check(
      .urlencode, [(["a b/c-._~é+"], #""a%20b%2Fc-._~%C3%A9%2B""#), ([bytes("00 ff")], #""%00%FF""#), ([""], #""""#)])
    check(
      .urldecode,
      [
        (["a%20b%2fc+d"], #""a b/c+d""#), (["%C3%A9"], "\"é\""),
        (["%"], "parse: urldecode: the `%` at byte 0 is not followed by two hexadecimal digits"),
        (["a%4"], "parse: urldecode: the `%` at byte 1 is not followed by two hexadecimal digits"),
        (["%zz"], "parse: urldecode: the `%` at byte 0 is not followed by two hexadecimal digits"),
      ])
  }

  @Test func everyByteComesBack() throws {
    let all = Value((0...255).map { UInt8($0) })
    let pairs: [(BuiltinFunction, BuiltinFunction)] = [
      (.hex, .unhex), (.base64, .unbase64), (.base64url, .unbase64url), (.urlencode, .urldecode),
    ]
    for (forth, back) in pairs {
      #expect(try Equality.equal(try call(back, [try call(forth, [all])]), all))
    }
  }

  private func digest(_ function: BuiltinFunction, _ arguments: [Value]) throws -> String {
    Show.text(try call(.hex, [try call(function, arguments)])).text
  }

  @Test func crc32() {
    check(
      .crc32,
      [([""], "0"), (["123456789"], "3421780262"), (["a"], "3904355907"), ([bytes("00 00 00 00")], "558161692")])
  }

  /// RFC 1321 appendix A.5.
  @Test func md5() throws {
    #expect(try digest(.md5, [""]) == "d41d8cd98f00b204e9800998ecf8427e")
    #expect(try digest(.md5, ["abc"]) == "900150983cd24fb0d6963f7d28e17f72")
    #expect(try digest(.md5, ["message digest"]) == "f96b697d7cb7938d525a2f31aaf161d0")
    #expect(try digest(.md5, ["abcdefghijklmnopqrstuvwxyz"]) == "c3fcd3d76192e4007dfb496cca67e13b")
  }

  /// RFC 3174 section 7.3 and RFC 6234 section 8.5.
  @Test func sha() throws {
    let long: Value = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"
    let million = try call(.repeat, ["a", 1_000_000])
    #expect(try digest(.sha1, ["abc"]) == "a9993e364706816aba3e25717850c26c9cd0d89d")
    #expect(try digest(.sha1, [long]) == "84983e441c3bd26ebaae4aa1f95129e5e54670f1")
    #expect(try digest(.sha1, [million]) == "34aa973cd4c4daa4f61eeb2bdbad27316534016f")
    #expect(try digest(.sha256, ["abc"]) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(try digest(.sha256, [long]) == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
    #expect(try digest(.sha256, [million]) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
  }

  /// RFC 2202 (MD5, SHA-1) and RFC 4231 (the SHA-2 family), test cases 1, 2 and 6.
  @Test func hmac() throws {
    let what: Value = "what do ya want for nothing?"
    let longKey = try call(.repeat, [bytes("aa"), 80])
    let longerKey = try call(.repeat, [bytes("aa"), 131])
    let larger: Value = "Test Using Larger Than Block-Size Key - Hash Key First"
    #expect(
      try digest(.hmac, ["md5", bytes("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"), "Hi There"])
        == "9294727a3638bb1c13f48ef8158bfc9d")
    #expect(try digest(.hmac, ["md5", "Jefe", what]) == "750c783e6ab0b503eaa86e310a5db738")
    #expect(try digest(.hmac, ["md5", longKey, larger]) == "6b1ab7fe4bd7bf8f0b62e6ce61b9d0cd")
    #expect(try digest(.hmac, ["sha1", "Jefe", what]) == "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79")
    #expect(try digest(.hmac, ["sha1", longKey, larger]) == "aa4ae5e15272d00e95705637ce8a3b55ed402112")
    #expect(
      try digest(.hmac, ["sha256", "Jefe", what]) == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    #expect(
      try digest(.hmac, ["sha256", longerKey, larger])
        == "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")
    #expect(
      try digest(.hmac, ["sha512", "Jefe", what]).hasPrefix(
        "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"))
    #expect(
      outcome(.hmac, ["sha3", "", ""])
        == #"range: hmac: "sha3" is no digest: those are md5 sha1 sha224 sha256 sha384 sha512"#)
    #expect(outcome(.len, [try call(.hmac, ["sha384", "", ""])]) == "48")
  }

  @Test func digestsOnManyThreadsAtOnce() async throws {
    let digests = await withTaskGroup(of: String.self) { group in
      for _ in 0..<16 {
        group.addTask { outcome(.hex, [(try? call(.sha256, ["abc"])) ?? nil]) }
      }
      return await group.reduce(into: Set<String>()) { $0.insert($1) }
    }
    #expect(digests == [#""ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad""#])
  }
}
