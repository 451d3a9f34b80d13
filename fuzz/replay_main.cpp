/// Runs one fuzz target over every file of the folders that the command line names, so that an ordinary build
/// proves that the target still compiles and that what was once found stays mended. Exit code: 0 when all
/// ran; a target aborts on a finding.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

namespace fs = std::filesystem;

/// In the order of their names, so that every run is the same.
std::vector<fs::path> files_in(const fs::path& folder) {
    std::vector<fs::path> files;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
        if (entry.is_regular_file()) {
            files.push_back(entry.path());
        }
    }
    std::ranges::sort(files);
    return files;
}

void replay(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    const std::vector<char> bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    if (!in) {
        throw fs::filesystem_error("cannot read", file, std::make_error_code(std::errc::io_error));
    }
    // Said before it runs: the last line of a run that aborts names the file that did it.
    std::printf("%s (%zu bytes)\n", file.c_str(), bytes.size());
    std::fflush(stdout);
    const std::vector<std::uint8_t> input(bytes.begin(), bytes.end());
    LLVMFuzzerTestOneInput(input.data(), input.size());
}

} // namespace

int main(int argc, char** argv) try {
    std::size_t ran = 0;
    for (int i = 1; i < argc; ++i) {
        const fs::path named(argv[i]);
        for (const fs::path& file : fs::is_directory(named) ? files_in(named) : std::vector{named}) {
            replay(file);
            ++ran;
        }
    }
    std::printf("%zu inputs replayed\n", ran);
    if (ran == 0) {
        std::fprintf(stderr, "no input: name folders or files to replay\n");
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
} catch (const std::exception& failure) {
    std::fprintf(stderr, "replay failed: %s\n", failure.what());
    return EXIT_FAILURE;
}
