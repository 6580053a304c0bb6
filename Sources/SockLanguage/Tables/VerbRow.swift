// A row of the verb table: how a verb is written, and what it means.

package struct VerbRow: Sendable {
  package struct Option: Sendable {
    package let word: OptionWord
    package let argument: OptionArgument
    package let summary: String
    package let data: DataRule
    /// Only beside one of these words; empty: always.
    package let needs: [OptionWord]
    /// Not beside one of these words of other groups.
    package let excludes: [OptionWord]
    package init(
      _ word: OptionWord, _ argument: OptionArgument, _ summary: String, data: DataRule = .beside,
      needs: [OptionWord] = [], excludes: [OptionWord] = []
    ) {
      self.word = word
      self.argument = argument
      self.summary = summary
      self.data = data
      self.needs = needs
      self.excludes = excludes
    }
  }
  package let verb: Verb
  package let receiver: ReceiverKind
  package let operand: OperandKind
  /// Groups of words of which one at most may be used; most groups hold one word.
  package let options: [[Option]]
  /// One of the option words must be there (`shutdown`).
  package let requiresOption: Bool
  package let waiting: Waiting
  package let gives: StepResult
  package let effect: StepEffect
  package let summary: String
  /// A statement that parses: a line of the script that the help shows and a test runs.
  package let example: String
  /// Made when it is asked for: a script that runs needs none.
  package let help: @Sendable () -> VerbHelp

  init(
    _ verb: Verb, receiver: ReceiverKind, operand: OperandKind, options: [[Option]], requiresOption: Bool = false,
    waiting: Waiting, gives: StepResult, effect: StepEffect, summary: String, example: String,
    help: @autoclosure @escaping @Sendable () -> VerbHelp
  ) {
    self.verb = verb
    self.receiver = receiver
    self.operand = operand
    self.options = options
    self.requiresOption = requiresOption
    self.waiting = waiting
    self.gives = gives
    self.effect = effect
    self.summary = summary
    self.example = example
    self.help = help
  }

  /// Nothing but options can follow the verb, so its receiver may: `close c` is `c.close`.
  package var takesReceiverBehind: Bool {
    operand == .none && (options.isEmpty || verb == .fault) && receiver != .none && receiver != .makesOrChannel
  }
  /// A message and what its fields are may be its data: `send Packet {kind: 1}`.
  package var takesTemplate: Bool { verb == .send || verb == .expect }

  package func option(_ word: OptionWord) -> Option? {
    for group in options { for option in group where option.word == word { return option } }
    return nil
  }
}
