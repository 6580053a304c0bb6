// What the compiler makes of a script: each of Tests/Scripts/bytecode is held to the listing beside it. One instruction
// more, or one that writes a variable too early, shows here.
//
// UPDATE_BYTECODE=1 writes the listings instead: read what has changed before it is kept.
import Glibc
import Testing

@Suite struct BytecodeTests {
  private static let folder = "Tests/Scripts/bytecode"

  static let scripts = Repository.names(in: folder, endingWith: ".sock")

  @Test(arguments: scripts) func isCompiledTo(script: String) throws {
    let listing = "\(Self.folder)/\(script.dropLast(5)).code"
    let outcome = try sock("run", "--disassemble", script, cwd: Repository.path(Self.folder))
    #expect(outcome.status == 0, "\(outcome.errors)")
    if getenv("UPDATE_BYTECODE") != nil { #expect(Repository.write(outcome.stdout, to: listing)) }
    #expect(
      outcome.output == Repository.text(listing),
      "\(listing) is another: UPDATE_BYTECODE=1 swift test --filter BytecodeTests")
  }

  /// They are scripts that run, so that what is listed is what somebody could write.
  @Test(arguments: scripts) func runs(script: String) throws {
    let outcome = try sock(script, cwd: Repository.path(Self.folder))
    #expect(outcome.status == 0, "\(outcome.errors)")
  }

  @Test func eachListingHasItsScript() {
    let listings = Repository.names(in: Self.folder, endingWith: ".code").map { $0.dropLast(5) }
    #expect(listings == Self.scripts.map { $0.dropLast(5) })
  }
}
