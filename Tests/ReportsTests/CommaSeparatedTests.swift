import Reports
import Testing

@Suite struct CommaSeparatedTests {
  @Test(arguments: [
    ("plain", "plain"), ("", ""), ("a,b", "\"a,b\""), ("say \"x\"", "\"say \"\"x\"\"\""),
    ("two\nlines", "\"two\nlines\""), ("two\r\nlines", "\"two\r\nlines\""), ("é;'", "é;'"),
  ])
  func cellsAreQuotedWhereTheyMustBe(cell: String, expected: String) {
    var table = CommaSeparated(["a", "b"])
    table.append([cell, "1"])
    #expect(table.text == "a,b\r\n\(expected),1\r\n")
  }
}
