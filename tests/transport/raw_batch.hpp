#pragma once

#include <cstdint>
#include <string>
#include <vector>

/// Writes packed batches by hand, right and wrong ones, without the library under test and without Cap'n
/// Proto.
namespace sangam::test {

struct raw_batch {
    std::uint64_t version = 1;
    std::uint64_t origin = 0x1111222233334444;
    std::uint64_t first = 7;
    std::vector<std::uint64_t> replicas;
    std::string numbers;
    std::string content;

    raw_batch& put(std::uint64_t number) {
        for (; number >= 0x80; number >>= 7) {
            numbers.push_back(static_cast<char>(number | 0x80));
        }
        numbers.push_back(static_cast<char>(number));
        return *this;
    }

    /// What stands before the first operation's code when one message of one operation has no dependencies.
    static raw_batch of_one_operation() {
        raw_batch raw;
        raw.put(1).put(0).put(0).put(2);
        return raw;
    }

    /// An operation's code with a new object of this name.
    raw_batch& put_new_object(std::uint64_t code, const std::string& name) {
        put_code(code).put(0).put(name.size());
        content += name;
        return *this;
    }

    /// The code of an operation of a new object: small ones stand in the first number, others behind it.
    raw_batch& put_code(std::uint64_t code) {
        constexpr std::uint64_t further = 15;
        return code < further ? put(16 | code) : put(16 | further).put(code);
    }

    [[nodiscard]] std::vector<std::uint64_t> words() const {
        const auto round = [](std::size_t bytes) { return (bytes + 7) / 8; };
        std::vector<std::uint64_t> all{0, 0x0003'0003'0000'0000, version, origin, first, 0, 0, 0};
        std::size_t at = 8;
        const auto pointer = [&](std::size_t from, std::uint64_t item, std::size_t count) {
            if (count != 0) {
                all[from] = 1 | (at - from - 1) << 2 | item << 32 | static_cast<std::uint64_t>(count) << 35;
            }
        };
        pointer(5, 5, replicas.size());
        at += replicas.size();
        pointer(6, 2, numbers.size());
        at += round(numbers.size());
        pointer(7, 2, content.size());
        all.insert(all.end(), replicas.begin(), replicas.end());
        for (const std::string* bytes : {&numbers, &content}) {
            std::vector<std::uint64_t> blob(round(bytes->size()));
            for (std::size_t i = 0; i < bytes->size(); ++i) {
                blob[i / 8] |= std::uint64_t{static_cast<unsigned char>((*bytes)[i])} << (i % 8 * 8);
            }
            all.insert(all.end(), blob.begin(), blob.end());
        }
        all[0] = static_cast<std::uint64_t>(all.size() - 1) << 32;
        return all;
    }

    [[nodiscard]] std::string bytes() const { return pack(words()); }

    /// Cap'n Proto's packing, the plainest form of it: no word is left as it is.
    static std::string pack(const std::vector<std::uint64_t>& words) {
        std::string packed;
        for (const std::uint64_t word : words) {
            const std::size_t tag_at = packed.size();
            packed.push_back(0);
            unsigned tag = 0;
            for (unsigned i = 0; i < 8; ++i) {
                if (const auto byte = static_cast<char>(word >> (i * 8)); byte != 0) {
                    tag |= 1u << i;
                    packed.push_back(byte);
                }
            }
            packed[tag_at] = static_cast<char>(tag);
            if (tag == 0 || tag == 0xff) {
                packed.push_back(0);
            }
        }
        return packed;
    }
};

} // namespace sangam::test
