@main
struct Codistill {
  static func main() {}
}
