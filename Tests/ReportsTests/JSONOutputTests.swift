import Reports
import Testing

@Suite struct JSONOutputTests {
  private struct Result: Encodable {
    var tokensPerSecond = 2.5
    var nll = Double.nan
    var path = "a/b"
  }

  @Test func keysAreSortedAndSnakeCase() throws {
    #expect(
      try JSONOutput.line(Result()) == #"{"nll":null,"path":"a/b","tokens_per_second":2.5}"#)
  }
}
