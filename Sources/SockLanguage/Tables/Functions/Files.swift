// Functions on files and folders. What is done with a file is one word, as `readfile`; the others have the names that
// shells and C know them by.

extension FunctionRow {
  static var exists: FunctionRow {
    FunctionRow(
      .exists, ["path"], .boolean, "whether there is a file, folder or socket", #"exists("/dev/null")"#, "true")
  }

  static var readfile: FunctionRow {
    FunctionRow(.readfile, ["path"], .string, "the bytes of a file", #"readfile("/dev/null")"#, #""""#)
  }

  static var writefile: FunctionRow {
    FunctionRow(
      .writefile, ["path", "data"], .integer, "makes the file hold the data and no more; the bytes written",
      #"writefile("${tmpdir}/a", "ok")"#, "2")
  }

  static var appendfile: FunctionRow {
    FunctionRow(
      .appendfile, ["path", "data"], .integer,
      "puts the data behind what the file holds, if there is one; the bytes written",
      #"appendfile("${tmpdir}/log", "one\n") + len(readfile("${tmpdir}/log"))"#, "8")
  }

  static var removefile: FunctionRow {
    FunctionRow(
      .removefile, ["path"], .boolean, "removes a file, a link, a socket or an empty folder; false when there was none",
      #"removefile("${tmpdir}/stale.sock")"#, "false")
  }

  static var listdir: FunctionRow {
    FunctionRow(
      .listdir, ["path"], .list, "the names in a folder, in order, without `.` and `..`", #"listdir(tmpdir)"#, "[]")
  }

  static var mkdir: FunctionRow {
    FunctionRow(
      .mkdir, ["path"], .boolean, "makes a folder in one that is there; false when it is there already",
      #"mkdir("${tmpdir}/spool")"#, "true")
  }

  static var chmod: FunctionRow {
    FunctionRow(
      .chmod, ["path", "mode"], .any, "sets who may read, write and execute a file or folder, in octal digits; nil",
      #"chmod(tmpdir, "755")"#, "nil")
  }

  static var golden: FunctionRow {
    FunctionRow(
      .golden, ["name", "answer", "masks"], .string,
      "the answer, if it is the one that the file of that name, beside the script, has kept",
      #"writefile("${tmpdir}/bye", "221 bye") + len(golden("${tmpdir}/bye", "221 bye"))"#, "14",
      details: [
        "`sock test --update` writes these files anew, with the folders that they lie in; look at what has changed "
          + "before you keep it. The first run of a test, without its file, fails and says so, and so does one that "
          + "would keep two answers in one file.",
        "`masks` is a list of regexes: what one of them matches is left out, in the file a `…` stands for it. "
          + "`golden(\"golden/ehlo\", text, [/SIZE \\d+/])`. The values of secrets are three stars there.",
      ])
  }
}
