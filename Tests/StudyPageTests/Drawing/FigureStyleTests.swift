import Foundation
import Testing

@testable import StudyPage

@Suite struct FigureStyleTests {
  @Test(arguments: [false, true]) func textAndCurvesStandOut(isDark: Bool) throws {
    let scheme = isDark ? FigureStyle.dark : FigureStyle.light
    #expect(try contrast(scheme.ink, scheme.page) >= 7)
    #expect(try contrast(scheme.faint, scheme.page) >= 4.5)
    for color in scheme.arms { #expect(try contrast(color, scheme.page) >= 4.5, "\(color)") }
    #expect(scheme.arms.count == FigureStyle.colorCount)
    #expect(try contrast("#ffffff", "#000000") == 21)
  }

  @Test func noTwoOfEighteenArmsLookTheSame() {
    let looks = (0..<18).map { number in
      let style = ArmStyle(number)
      return style.outline + style.line + style.mark
    }
    #expect(Set(looks).count == 18)
    // Shapes alone tell six apart, and with the fill twelve.
    #expect(Set((0..<6).map { ArmStyle($0).outline }).count == 6)
    #expect(ArmStyle(0).outline == ArmStyle(6).outline && ArmStyle(0).mark != ArmStyle(6).mark)
  }

  /// The ratio of WCAG 2.2.
  private func contrast(_ first: String, _ second: String) throws -> Double {
    let (one, two) = (try luminance(first), try luminance(second))
    return (max(one, two) + 0.05) / (min(one, two) + 0.05)
  }

  private func luminance(_ color: String) throws -> Double {
    let value = try #require(Int(color.dropFirst(), radix: 16))
    let parts = [value >> 16, value >> 8 & 255, value & 255].map { part -> Double in
      let share = Double(part) / 255
      return share <= 0.04045 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4)
    }
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
  }
}
