// llama.cpp's peer of caching: a GGUF teacher's forward pass in the arithmetic of its own quantised weights.
//
// A step server as ../protocol.py describes it. A step takes each sequence from an empty context, and reads
// the logits of every position for the most likely token; with --perplexity, as the program llama-perplexity
// does, those of the second half of each sequence, for their loss. Nothing is sampled, nothing is written.
// With --openblas the products are OpenBLAS's, of weights that are multiplied out to float32.
//
// usage: llama_teacher FILE.gguf TEXT [--batch 4] [--length 512] [--ubatch 512] [--perplexity] [--openblas]

#include <ggml-backend.h>
#include <llama.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

namespace {

constexpr int warmUpSteps = 2;

[[noreturn]] void fail(const std::string &why) {
  std::cerr << "llama_teacher: " << why << std::endl;
  std::exit(1);
}

struct Options {
  std::string teacher, text;
  int batch = 4, length = 512, ubatch = 512;
  bool perplexity = false, openblas = false;

  Options(int count, char **words) {
    if (count < 3) fail("takes FILE.gguf and TEXT");
    teacher = words[1];
    text = words[2];
    for (int i = 3; i < count; i++) {
      const std::string word = words[i];
      if (word == "--perplexity") {
        perplexity = true;
      } else if (word == "--openblas") {
        openblas = true;
      } else if ((word == "--batch" || word == "--length" || word == "--ubatch") && i + 1 < count) {
        (word == "--batch" ? batch : word == "--length" ? length : ubatch) = std::atoi(words[++i]);
      } else {
        fail("found '" + word + "'");
      }
    }
    if (batch < 1 || length < 4) fail("--batch takes at least 1, --length 4");
  }
};

// The first tokens of a text, which is taken as it lies in the file.
std::vector<llama_token> tokensOf(const std::string &path, const llama_vocab *vocab, size_t count) {
  std::ifstream file(path, std::ios::binary);
  std::string text(16 * count, '\0');
  file.read(&text[0], text.size());
  text.resize(file.gcount());
  std::vector<llama_token> tokens(text.size() + 2);
  const int found = llama_tokenize(
      vocab, text.data(), text.size(), tokens.data(), tokens.size(), false, false);
  if (found < 0 || static_cast<size_t>(found) < count) fail(path + ": too few tokens");
  tokens.resize(count);
  return tokens;
}

// The cross entropy of the next token.
double loss(const float *row, int vocabulary, llama_token next) {
  const float most = *std::max_element(row, row + vocabulary);
  double sum = 0;
  for (int i = 0; i < vocabulary; i++) sum += std::exp(row[i] - most);
  return std::log(sum) + most - row[next];
}

// 1 where the next token is the most likely one.
double isMostLikely(const float *row, int vocabulary, llama_token next) {
  return std::max_element(row, row + vocabulary) - row == next;
}

class Work {
public:
  explicit Work(const Options &options)
      : options(options), first(options.perplexity ? options.length / 2 : 0),
        threads(std::max(1u, std::thread::hardware_concurrency())) {
    model = llama_model_load_from_file(options.teacher.c_str(), llama_model_default_params());
    if (!model) fail(options.teacher + ": no teacher of llama.cpp's");
    llama_context_params parameters = llama_context_default_params();
    parameters.n_ctx = parameters.n_batch = tokenCount();
    parameters.n_ubatch = options.ubatch;
    parameters.n_seq_max = options.batch;
    parameters.n_threads = parameters.n_threads_batch = threads;
    context = llama_init_from_model(model, parameters);
    if (!context) fail("no context for " + std::to_string(tokenCount()) + " tokens");
    vocabulary = llama_vocab_n_tokens(llama_model_get_vocab(model));
    tokens = tokensOf(options.text, llama_model_get_vocab(model), tokenCount());
    input = llama_batch_init(tokenCount(), 0, 1);
    input.n_tokens = tokenCount();
    for (int i = 0; i < tokenCount(); i++) {
      input.token[i] = tokens[i];
      input.pos[i] = i % options.length;
      input.n_seq_id[i] = 1;
      input.seq_id[i][0] = i / options.length;
      input.logits[i] = input.pos[i] >= first;
    }
  }

  int tokenCount() const { return options.batch * options.length; }

  // One pass over all sequences; what its JSON line says beside time and memory.
  std::string step() {
    llama_memory_clear(llama_get_memory(context), false);
    if (llama_decode(context, input) != 0) fail("llama_decode failed");
    const float *logits = llama_get_logits(context); // Waits for the end of the work.
    return options.perplexity
        ? "\"perplexity\": " + std::to_string(std::exp(mean(logits, loss)))
        : "\"top1\": " + std::to_string(mean(logits, isMostLikely));
  }

  std::string facts() const {
    return "\"threads\": " + std::to_string(threads) +
           ", \"parameters\": " + std::to_string(llama_model_n_params(model)) + ", \"system\": \"" +
           llama_print_system_info() + "\"";
  }

private:
  const Options options;
  const int first;
  const unsigned threads;
  llama_model *model;
  llama_context *context;
  std::vector<llama_token> tokens;
  llama_batch input;
  int vocabulary;

  // The mean of what is read from each row that has a next token; rows are shared by the threads.
  double mean(const float *logits, double (*read)(const float *row, int vocabulary, llama_token next)) const {
    const int rows = options.length - first;
    std::atomic<int> taken{0};
    std::vector<double> sums(threads, 0);
    std::vector<std::thread> workers;
    for (unsigned thread = 0; thread < threads; thread++) {
      workers.emplace_back([&, thread] {
        for (int row; (row = taken++) < options.batch * rows;) {
          const int position = first + row % rows;
          if (position + 1 == options.length) continue;
          const llama_token next = tokens[row / rows * options.length + position + 1];
          sums[thread] += read(logits + static_cast<size_t>(row) * vocabulary, vocabulary, next);
        }
      });
    }
    for (std::thread &worker : workers) worker.join();
    return std::accumulate(sums.begin(), sums.end(), 0.0) / (options.batch * (rows - 1));
  }
};

// The largest resident size of this process.
long peakBytes() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    if (word != "VmHWM:") continue;
    long kibibytes;
    status >> kibibytes;
    return kibibytes * 1024;
  }
  return 0;
}

} // namespace

int main(int count, char **words) {
  const Options options(count, words);
  llama_log_set([](ggml_log_level level, const char *text, void *) {
    if (level == GGML_LOG_LEVEL_ERROR) std::cerr << text;
  }, nullptr);
  llama_backend_init();
  if (!options.openblas) ggml_backend_unload(ggml_backend_reg_by_name("BLAS"));
  Work work(options);
  for (int i = 0; i < warmUpSteps; i++) work.step();
  std::cout << "{\"ready\": true, " << work.facts() << "}" << std::endl;
  for (std::string request; std::getline(std::cin, request) && request != "quit";) {
    if (request != "step") fail("standard input: found '" + request + "'; requests are step and quit");
    const auto start = std::chrono::steady_clock::now();
    const std::string found = work.step();
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    std::cout << "{\"seconds\": " << taken.count() << ", \"tokens\": " << work.tokenCount()
              << ", \"peak_rss_bytes\": " << peakBytes() << ", " << found << "}" << std::endl;
  }
}
