// Programs that speak to a person, driven by scripts as one would: ssh, passwords, pagers, monitors, shells with jobs.
import Glibc
import SocketCore
import Testing

@Suite struct DrivenProgramTests {
  private func succeeds(_ script: String, _ printed: String) throws {
    let outcome = try RunningProgram.sock(["-e", script]).finish()
    #expect(outcome.status == 0 && outcome.output == printed, "\(outcome.output)\(outcome.errors)")
  }

  private func isOver(_ pattern: String) throws -> Bool {
    try comesToHold { try RunningProgram(["pgrep", "-f", pattern]).finish().output.isEmpty }
  }

  // MARK: - ssh

  /// An sshd of our own: a connection is the standard input and output of one process, and no port is used.
  private struct Server {
    let folder: TemporaryFolder
    let command: String

    init(configuration: [String], hostKeys: String = "ask") throws {
      folder = try TemporaryFolder()
      chmod(folder.path, 0o700)
      for name in ["host", "user"] {
        let made = try RunningProgram(
          ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", folder.file(name)]).finish()
        guard made.status == 0 else { throw HarnessError("ssh-keygen: \(made.errors)") }
      }
      let lines =
        [
          "HostKey \(folder.file("host"))", "PidFile none", "AuthorizedKeysFile \(folder.file("user")).pub",
          "StrictModes no",
          "UsePAM no", "PrintMotd no", "PrintLastLog no", "UseDNS no", "LogLevel ERROR",
        ] + configuration
      _ = try folder.write("sshd_config", lines.joined(separator: "\n") + "\n")
      // sshd's child without rights lives there, where root starts it.
      if geteuid() == 0 { mkdir("/run/sshd", 0o755) }
      command =
        "ssh -F none -tt -o UserKnownHostsFile=\(folder.file("known")) -o StrictHostKeyChecking=\(hostKeys) "
        + "-o LogLevel=ERROR "
        + "-o ProxyCommand='/usr/sbin/sshd -i -e -f \(folder.file("sshd_config"))'"
    }
  }

  private static var user: String { String(cString: getpwuid(geteuid()).pointee.pw_name) }
  private static var isMissing: Bool { access("/usr/sbin/sshd", X_OK) != 0 || access("/usr/bin/ssh", X_OK) != 0 }

  @Test(
    .disabled(if: isMissing, "openssh-server and openssh-client are not installed"),
    .disabled(if: geteuid() != 0, "an sshd of an ordinary user cannot always give a terminal its owner and group"))
  func aHostKeyIsConfirmedAndAShellSpokenTo() throws {
    let server = try Server(configuration: ["PasswordAuthentication no", "PermitRootLogin prohibit-password"])
    try succeeds(
      #"""
      let client = "\#(server.command) -i \#(server.folder.file("user")) \#(Self.user)@nowhere.test"
      run client + " 'PS1=remote: exec sh -i'" pty size 80 24 echo on as ssh
      ssh.expect screen /continue connecting \(yes\/no\/\[fingerprint\]\)\?$/ within 20s
      ssh.send line "yes"
      ssh.expect screen /^remote:$/m within 20s
      ssh.send line "tty | cut -c 1-9; stty size"
      ssh.expect screen /^\/dev\/pts\/\n24 80$/m within 20s
      ssh.resize 100 30
      retry within 20s every 50ms
        ssh.send line "clear; stty size"
        ssh.expect screen /^30 100$/m within 1s
      end
      ssh.send line "exit 5"
      print ssh.wait within 20s
      """#, "5\n")
    #expect(try isOver(server.folder.path), "a process is left")
  }

  /// A user with a password is made for it, and removed.
  @Test(
    .disabled(if: isMissing, "openssh-server and openssh-client are not installed"),
    .enabled(if: geteuid() == 0, "only root can make a user with a password"))
  func aPasswordIsAskedForAndNotShown() throws {
    let name = "sock\(getpid())"
    let password = "correct horse \(UInt32.random(in: 0 ... .max))"
    let made = try RunningProgram(["useradd", "-M", "-d", "/", "-s", "/bin/sh", name]).finish()
    try #require(made.status == 0, "\(made.errors)")
    defer { _ = try? RunningProgram(["userdel", name]).finish() }
    let set = try RunningProgram(["chpasswd"], input: "\(name):\(password)\n").finish()
    try #require(set.status == 0, "\(set.errors)")
    let server = try Server(configuration: ["PasswordAuthentication yes", "PubkeyAuthentication no"], hostKeys: "no")
    let script = #"""
      param secret password
      run "\#(server.command) \#(name)@nowhere.test 'echo it is $(id -un)'" pty size 80 24 echo on as ssh
      for answer in ["wrong", password]
        ssh.expect screen /password:( Permission denied.*\n.*password:)?$/ within 20s
        ssh.expect echo off within 20s
        ssh.send line answer
        if answer == "wrong"
          ssh.expect screen "Permission denied" within 20s
        end
      end
      ssh.expect screen "it is \#(name)" within 20s
      assert password not in ssh.screen
      print ssh.wait within 20s
      """#
    let outcome = try RunningProgram.sock(
      ["--secret", "password=env:SOCK_PASSWORD", "-e", script], environment: ["SOCK_PASSWORD": password]).finish()
    #expect(outcome.status == 0 && outcome.output == "0\n", "\(outcome.output)\(outcome.errors)")
    #expect(!outcome.errors.contains(password))
    #expect(try isOver(server.folder.path), "a process is left")
  }

  // MARK: - Programs that draw

  @Test func lessShowsAFileAndSearches() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("numbers", (1...500).map { "line number \($0)\n" }.joined())
    try succeeds(
      #"""
      run "less \#(file)" pty size 60 10 as pager
      pager.expect screen /\Aline number 1\n(.*\n){7}line number 9\n/ within 10s
      pager.send "G"
      pager.expect screen /line number 500\n\(END\)\z/ within 10s
      pager.send "?r 123\r"
      pager.expect screen /\Aline number 123\n/ within 10s
      pager.resize 60 5
      # It may be told of that just before it waits for a key, and sees it with the next one.
      pager.send "r"
      pager.expect screen /\Aline number 123\n.*\n.*\n.*126\n:\z/ within 10s
      pager.send "g"
      pager.expect screen /\Aline number 1\n.*2\n.*3\n.*4\n:\z/ within 10s
      pager.send "q"
      print pager.wait within 10s
      """#, "0\n")
  }

  /// Its help has 24 lines.
  @Test func topChangesWhatItShows() throws {
    try succeeds(
      #"""
      run "top -d 0.2 -p \#(getpid())" pty size 100 30 env {HOME: "/nonexistent"} as top
      top.expect screen /^ +PID USER .*COMMAND$/m within 10s
      top.expect screen /^ *\#(getpid()) /m within 10s
      top.send "t"
      top.expect screen /^%Cpu\(s\): +[\d.]+\/[\d.]+ +\d+\[/m within 10s
      top.send "h"
      top.expect screen "Help for Interactive Commands" within 10s
      top.send "q"
      top.expect screen /^ +PID USER .*COMMAND$/m within 10s
      top.send "q"
      print top.wait within 10s
      """#, "0\n")
  }

  // MARK: - Shells with jobs

  @Test func aShellStopsAndContinuesItsJobs() throws {
    let mark = "1000.\(getpid())"
    try succeeds(
      #"""
      run "bash --norc --noprofile -i" pty size 80 24 echo on env {PS1: "> "} as shell
      shell.expect screen /^>$/m within 10s
      shell.send line "sleep \#(mark) &"
      shell.expect screen /^\[1\] \d+\n>$/m within 10s
      shell.send line "jobs"
      shell.expect screen /^\[1\]\+ +Running +sleep/m within 10s
      shell.send line "fg"
      shell.expect screen /^> fg\nsleep \#(mark)$/m within 10s
      # The shell says so before it gives the terminal to the job.
      retry within 10s every 10ms
        shell.send "\x1a"
        shell.expect screen /^\[1\]\+ +Stopped +sleep.*\n>\z/m within 500ms
      end
      shell.send line "bg; jobs -r"
      shell.expect screen /bg; jobs -r\n.*\n\[1\]\+ +Running +sleep/ within 10s
      shell.send line "fg"
      shell.expect screen /fg\nsleep \#(mark)\z/ within 10s
      retry within 10s every 10ms
        shell.send "\x03"
        shell.expect screen /\^C\n>\z/ within 500ms
      end
      shell.send line "sleep \#(mark) & exit 3"
      print shell.wait within 10s
      """#, "3\n")
    #expect(try isOver("sleep \(mark)"), "a job is left")
  }

  /// As passwd asks for a new password, and once more.
  @Test func passwdLikePromptsTakeTwoAnswers() throws {
    let prompts = #"stty -echo; printf "New password: "; read a; echo; printf "Retype: "; read b; echo; stty echo; "#
      + #"test "$a" = "$b" && echo changed || echo different"#
    for (second, answer) in [("s3cret", "changed"), ("other", "different")] {
      try succeeds(
        #"""
        run ["sh", "-c", '\#(prompts)'] pty size 80 24 echo on as passwd
        passwd.expect screen /password:$/ within 10s
        passwd.expect echo off within 10s
        passwd.send line "s3cret"
        passwd.expect screen /Retype:$/ within 10s
        passwd.send line "\#(second)"
        passwd.expect screen /^(changed|different)$/m within 10s as answer
        assert "s3cret" not in passwd.screen
        print answer[1]
        """#, "\(answer)\n")
    }
  }
}
