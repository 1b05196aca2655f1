"""What `codistill tokenizer encode` does, by Hugging Face's tokenizers: standard input as ids.

usage: tokenizers_encode.py TOKENIZER.json < TEXT
"""

import sys

import tokenizers

tokenizer = tokenizers.Tokenizer.from_file(sys.argv[1])
text = sys.stdin.buffer.read().decode()
# Of one text this is the fastest way: without offsets.
[encoding] = tokenizer.encode_batch_fast([text], add_special_tokens=False)
sys.stdout.write(",".join(map(str, encoding.ids)) + "\n")
