// What is drawn by chance: from the kernel, or, with a seed, the same numbers in each run.

import Glibc
import SocketCore

/// Where random numbers come from. Keys and certificates do not come from here: they are OpenSSL's.
package struct Chance: RandomNumberGenerator {
  /// What the numbers follow from; nil: nobody can predict them.
  package let seed: UInt64?
  /// Something has been drawn.
  package private(set) var wasUsed = false
  private var generator: SplitMix

  package init() {
    seed = nil
    generator = SplitMix(state: 0)
  }

  /// - Parameters:
  ///   - stream: draws with one seed that have nothing to do with each other have streams of their own.
  ///   - wasUsed: something has been drawn from it before, elsewhere.
  package init(seed: UInt64, stream: UInt64 = 0, wasUsed: Bool = false) {
    self.seed = seed
    self.wasUsed = wasUsed
    var mixer = SplitMix(state: seed)
    generator = SplitMix(state: mixer.next() ^ stream)
  }

  package mutating func next() -> UInt64 {
    wasUsed = true
    if seed != nil { return generator.next() }
    var system = SystemRandomNumberGenerator()
    return system.next()
  }

  package mutating func fill(_ bytes: UnsafeMutableRawBufferPointer) throws(Failure) {
    wasUsed = true
    guard let start = bytes.baseAddress else { return }
    var done = 0
    while done < bytes.count {
      if seed == nil {
        // getentropy gives at most 256 bytes a call.
        let more = min(256, bytes.count - done)
        guard getentropy(start + done, more) == 0 else {
          throw Failure("cannot get random bytes", Errno(rawValue: errno))
        }
        done += more
      } else {
        // The lowest byte first, on every machine.
        var number = generator.next().littleEndian
        let more = min(8, bytes.count - done)
        memcpy(start + done, &number, more)
        done += more
      }
    }
  }
}

/// Sebastiano Vigna's splitmix64: small, and the same on every machine.
package struct SplitMix: RandomNumberGenerator {
  package var state: UInt64

  package init(state: UInt64) { self.state = state }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
