// `import "std:dns"`: what is in the program is what stands in Sources/Library.
import Glibc
import SockLanguage
import SockRuntime
import Testing

@Suite struct StandardLibraryTests {
  private static let folder = "Sources/Library"
  private static let made = "Sources/SockRuntime/Files/StandardLibraryTexts.swift"

  static let files: [(name: String, text: String)] = Repository.names(in: folder, endingWith: ".sock").map { file in
    (String(file.dropLast(".sock".count)), Repository.text("\(folder)/\(file)") ?? "")
  }

  /// Written anew when UPDATE_REFERENCE is set.
  @Test func whatIsInTheProgramIsWhatStandsInTheFolder() throws {
    try #require(!Self.files.isEmpty)
    let text = StandardLibrary.swift(Self.files)
    if getenv("UPDATE_REFERENCE") != nil { #expect(Repository.write(Array(text.utf8), to: Self.made)) }
    #expect(
      Repository.text(Self.made) == text,
      "the file is stale: UPDATE_REFERENCE=1 swift test --filter StandardLibraryTests")
    #expect(StandardLibrary.names == Self.files.map { "std:\($0.name)" })
  }

  @Test(arguments: files)
  func eachIsCleanAndHasItsHelp(name: String, text: String) throws {
    let outcome = try RunningProgram.sock(["-e", "import \"std:\(name)\" as it_is; print \"fine\""]).finish()
    #expect(outcome.output == "fine\n" && outcome.errors.isEmpty, "\(outcome.errors)")
    let help = try RunningProgram.sock(["help", "std:\(name)"]).finish()
    #expect(help.status == 0 && help.output.contains("\nfunctions\n"))
    #expect(help.output.contains("\nmessages\n") == text.contains("\nmessage "))
    let listed = try RunningProgram.sock(["help", "import"]).finish()
    #expect(listed.output.contains("std:\(name)"))
  }

  @Test func anotherNameIsNone() throws {
    let outcome = try RunningProgram.sock(["-e", "import \"std:dnss\" as dns"]).finish()
    #expect(outcome.status == 2 && outcome.errors.contains("did you mean `std:dns`?"), "\(outcome.errors)")
  }
}
