// The readers of text and bytes from outside, driven by libFuzzer (https://llvm.org/docs/LibFuzzer.html), which brings
// `main`. Built and run by scripts/fuzz only; SOCK_FUZZ_TARGET says which reader is fed.
import Glibc

@_cdecl("LLVMFuzzerInitialize")
func initialize(_: UnsafeMutablePointer<Int32>, _: UnsafeMutableRawPointer) -> Int32 {
  guard let name = getenv("SOCK_FUZZ_TARGET"), let target = FuzzTarget(rawValue: String(cString: name)) else {
    print("SOCK_FUZZ_TARGET is one of \(FuzzTarget.allCases.map(\.rawValue).joined(separator: ", "))")
    exit(2)
  }
  FuzzTarget.current = target
  return 0
}

@_cdecl("LLVMFuzzerTestOneInput")
func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> Int32 {
  FuzzTarget.current.feed(UnsafeRawBufferPointer(start: data, count: size))
  return 0
}
