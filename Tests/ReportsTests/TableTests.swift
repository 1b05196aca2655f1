import Reports
import Testing

@Suite struct TableTests {
  private var table: Table {
    var table = Table([.words("run"), .numbers("NLL"), .words("note")])
    table.append(["hard", "5.586", "a|b"])
    table.append(["distilled", "15.25", "two\nlines"])
    return table
  }

  @Test func textIsAligned() {
    #expect(
      table.text == """
        run          NLL  note
        ---------  -----  ---------
        hard       5.586  a|b
        distilled  15.25  two lines
        """)
  }

  @Test func markdownIsAlignedAndEscaped() {
    #expect(
      table.markdown == """
        | run       |   NLL | note      |
        | --------- | ----: | --------- |
        | hard      | 5.586 | a\\|b      |
        | distilled | 15.25 | two lines |
        """)
  }

  @Test func aTableWithoutRowsHasItsTitles() {
    #expect(Table([.words("a"), .numbers("b")]).markdown == "| a   |   b |\n| --- | --: |")
  }
}
