// Deadlines inside a test that come after the test's own.

extension FileLinter {
  /// `within D`, `when after D`: the test ends before the deadline comes.
  func checkDeadline(_ duration: Expression) {
    guard let limit = context.testSeconds, let seconds = duration.seconds, seconds > limit else { return }
    report(.deadlineBeyondTest(seconds: limit, isPause: false, at: source.place(duration.range)))
  }

  func checkDeadlines(of step: Step) {
    guard let limit = context.testSeconds else { return }
    if let within = step.within { checkDeadline(within) }
    let pause: Expression?
    if VerbTable[step.verb].waiting == .forItsTime {
      pause = step.operands.first
    } else if case .expression(let silence)? = (step.option(.silence) ?? step.option(.quiet))?.value {
      pause = silence
    } else {
      pause = nil
    }
    guard let pause, let seconds = pause.seconds, seconds >= limit else { return }
    report(.deadlineBeyondTest(seconds: limit, isPause: true, at: source.place(pause.range)))
  }
}
