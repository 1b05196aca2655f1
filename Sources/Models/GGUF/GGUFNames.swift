/// The correspondence of tensor names between GGUF and Hugging Face.
enum GGUFNames {
  private static let outer = [
    "token_embd.weight": "model.embed_tokens.weight",
    "output_norm.weight": "model.norm.weight",
    "output.weight": "lm_head.weight",
  ]

  private static let inner = [
    "attn_norm.weight": "input_layernorm.weight",
    "ffn_norm.weight": "post_attention_layernorm.weight",
    "attn_q.weight": "self_attn.q_proj.weight",
    "attn_k.weight": "self_attn.k_proj.weight",
    "attn_v.weight": "self_attn.v_proj.weight",
    "attn_output.weight": "self_attn.o_proj.weight",
    "ffn_gate.weight": "mlp.gate_proj.weight",
    "ffn_up.weight": "mlp.up_proj.weight",
    "ffn_down.weight": "mlp.down_proj.weight",
  ]

  /// The Hugging Face name of a GGUF tensor; nil where a family has no such tensor.
  static func huggingFace(_ name: String, _ family: Architecture) -> String? {
    if let known = outer[name] { return known }
    let parts = name.split(separator: ".", maxSplits: 2)
    guard parts.count == 3, parts[0] == "blk", let layer = Int(parts[1]),
      let known = inner[String(parts[2])] ?? family.gguf?.names[String(parts[2])]
    else { return nil }
    return "model.layers.\(layer).\(known)"
  }
}
