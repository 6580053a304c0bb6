// Looking at what a value in memory refers to without becoming one of its owners.

/// Swift counts an owner more whenever a pattern binds an object out of memory, and one less afterwards: two atomic
/// instructions, about 5 ns each. In a word count they were two fifths of the time. These read the reference itself;
/// nobody may overwrite the value while it is used.
///
/// A value is eight bytes of payload, an object's reference as it is, and the case in the byte behind them:
/// `ValueTests` holds that.
extension UnsafeMutablePointer where Pointee == Value {
  @inline(__always)
  private func reference<Object: AnyObject>(_ type: Object.Type) -> Unmanaged<Object> {
    UnsafeRawPointer(self).load(as: Unmanaged<Object>.self)
  }

  /// Whether nobody else has the object that it refers to.
  @inline(__always)
  func isOnlyOwner<Object: AnyObject>(of type: Object.Type) -> Bool {
    isKnownUniquelyReferenced(&UnsafeMutableRawPointer(self).assumingMemoryBound(to: type).pointee)
  }

  /// Whether both are one and the same string, or list.
  func isSameObject(as other: UnsafeMutablePointer<Value>) -> Bool {
    if let string = borrowedString { return string.toOpaque() == other.borrowedString?.toOpaque() }
    if let list = borrowedList { return list.toOpaque() == other.borrowedList?.toOpaque() }
    return false
  }

  /// The function of the script, if the value is one.
  @inline(__always)
  var borrowedFunction: Unmanaged<Function>? {
    if case .function = pointee { return reference(Function.self) }
    return nil
  }

  /// The string, if the value is one.
  @inline(__always)
  var borrowedString: Unmanaged<ByteString>? {
    if case .string = pointee { return reference(ByteString.self) }
    return nil
  }

  @inline(__always)
  var borrowedMap: Unmanaged<Map>? {
    if case .map = pointee { return reference(Map.self) }
    return nil
  }

  @inline(__always)
  var borrowedList: Unmanaged<List>? {
    if case .list = pointee { return reference(List.self) }
    return nil
  }

  @inline(__always)
  var borrowedMatch: Unmanaged<Match>? {
    if case .match = pointee { return reference(Match.self) }
    return nil
  }

  @inline(__always)
  var borrowedPattern: Unmanaged<Pattern>? {
    if case .regex = pointee { return reference(Pattern.self) }
    return nil
  }

  @inline(__always)
  var borrowedChannel: Unmanaged<Channel>? {
    if case .channel = pointee { return reference(Channel.self) }
    return nil
  }

  /// Makes it a string of these bytes, which may be those of another string only: in the memory of the string that it
  /// was, when nobody else has that. A loop that cuts words off a text allocates only for those that are kept.
  @inline(__always)
  func setString(_ bytes: UnsafeRawBufferPointer) {
    if let string = borrowedString, isOnlyOwner(of: ByteString.self),
      string._withUnsafeGuaranteedRef({ $0.overwrite(bytes) })
    {
      return
    }
    pointee = .string(ByteString.copy(bytes))
  }
}

extension Unmanaged {
  /// Calls `body`, which may throw, with an object that somebody else keeps for as long as it runs.
  @inline(__always)
  func borrowed<Outcome, Thrown: Error>(_ body: (Instance) throws(Thrown) -> Outcome) throws(Thrown) -> Outcome {
    try _withUnsafeGuaranteedRef { object in Result { () throws(Thrown) in try body(object) } }.get()
  }
}
