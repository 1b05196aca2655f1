import Tensors
import TestSupport
import Testing

@testable import Models

@Suite struct RoutingTests {
  @Test func pairsAreSortedByExpert() {
    let logits = Tensor([3, 3], [0, 2, 1, 3, 1, 2, 0, 0.5, 4])
    let routing = Routing(logits, expertsPerToken: 1)
    #expect(routing.experts == [0, 1, 2])
    #expect(routing.tokens == [1, 0, 2])
    #expect(routing.offsets == [0, 1, 2, 3])
  }

  @Test func twoExpertsAToken() {
    let logits = Tensor([2, 4], [0, 3, 1, 2, 9, 1, 8, 2])
    let routing = Routing(logits, expertsPerToken: 2)
    #expect(routing.experts == [0, 1, 2, 3])
    #expect(routing.tokens == [1, 0, 1, 0])
    #expect(routing.counts == [1, 1, 1, 1])
  }

  @Test func tiesGoToTheLowerExpert() {
    let logits = Tensor([2, 4], [1, 1, 1, 1, 0, 5, 2, 2])
    #expect(Routing(logits, expertsPerToken: 1).counts == [1, 1, 0, 0])
    #expect(Routing(logits, expertsPerToken: 2).counts == [1, 2, 1, 0])
  }

  @Test func expertsWithoutTokens() {
    let routing = Routing(Tensor([2, 4], [0, 0, 1, 0, 0, 0, 1, 0]), expertsPerToken: 1)
    #expect(routing.offsets == [0, 0, 0, 2, 2])
    #expect(Routing(Tensor([0, 4], []), expertsPerToken: 2).offsets == [0, 0, 0, 0, 0])
  }

  @Test func routersThatSayNothingUsefulStillRoute() {
    let logits = Tensor([1, 3], [.nan, .nan, .nan])
    #expect(Routing(logits, expertsPerToken: 2).counts == [1, 1, 0])
  }
}
