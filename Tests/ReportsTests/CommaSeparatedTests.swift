import Reports
import Testing

@Suite struct CommaSeparatedTests {
  @Test(arguments: [
    ("plain", "plain"), ("", ""), ("a,b", "\"a,b\""), ("say \"x\"", "\"say \"\"x\"\"\""),
    ("two\nlines", "\"two\nlines\""), ("two\r\nlines", "\"two\r\nlines\""), ("é;'", "\"é;'\""),
  ])
  func cellsAreQuotedWhereTheyMustBe(cell: String, expected: String) {
    var table = CommaSeparated(["a", "b"])
    table.append([cell, "1"])
    #expect(table.text == "a,b\r\n\(expected),1\r\n")
  }

  @Test(
    "case csv-formulas: a cell that a spreadsheet would run begins with an apostrophe",
    arguments: [
      ("=cmd|' C calc'!A0", "'=cmd|' C calc'!A0"), ("@SUM(1)", "'@SUM(1)"), ("+1+1", "'+1+1"),
      ("-2+3", "'-2+3"), ("-arm", "'-arm"), ("\t=1", "\"'\t=1\""), ("\r=1", "\"'\r=1\""),
      ("=1,2", "\"'=1,2\""), ("＝1", "'＝1"), ("-", "'-"), ("a;=1", "\"a;=1\""),
      ("-1.5", "-1.5"), ("+3", "+3"), ("-1e-09", "-1e-09"), ("-inf", "-inf"), ("'=1", "'=1"),
    ])
  func formulasAreText(cell: String, expected: String) {
    var table = CommaSeparated(["a"])
    table.append([cell])
    #expect(table.text == "a\r\n\(expected)\r\n")
  }
}
