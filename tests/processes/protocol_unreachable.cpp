#include "protocol_unreachable.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <stdexcept>

namespace sangam::test {

namespace {

constexpr std::size_t quoted_of_tcp_bytes = 8;

[[noreturn]] void fail(const std::string& what) {
    throw std::runtime_error(what + ": " + std::strerror(errno));
}

sockaddr* generic(sockaddr_in& at) {
    return static_cast<sockaddr*>(static_cast<void*>(&at));
}

std::uint16_t checksum(const unsigned char* bytes, std::size_t size) {
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i + 1 < size; i += 2) {
        sum += static_cast<std::uint32_t>(bytes[i] << 8U | bytes[i + 1]);
    }
    while (sum > 0xffff) {
        sum = (sum & 0xffff) + (sum >> 16U);
    }
    return htons(static_cast<std::uint16_t>(~sum));
}

} // namespace

protocol_unreachable::protocol_unreachable()
    : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)),
      answers_(::socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    if (listener_ < 0 || answers_ < 0 || ::bind(listener_, generic(at), sizeof at) != 0 ||
        ::listen(listener_, 0) != 0 || ::getsockname(listener_, generic(at), &size) != 0) {
        fail("protocol_unreachable (wants CAP_NET_RAW)");
    }
    port_ = ntohs(at.sin_port);
    address_ = "tcp://127.0.0.1:" + std::to_string(port_);
    first_in_queue_ = std::make_unique<raw_stranger>(address_);
    segments_ = ::socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_TCP); // now: that one is not answered
    if (segments_ < 0) {
        fail("protocol_unreachable (wants CAP_NET_RAW)");
    }
}

protocol_unreachable::~protocol_unreachable() {
    for (const int descriptor : {listener_, segments_, answers_}) {
        ::close(descriptor);
    }
}

void protocol_unreachable::answer_one(int timeout_ms) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms);
    std::array<unsigned char, 2048> packet{};
    while (std::chrono::steady_clock::now() < end) {
        pollfd wanted{segments_, POLLIN, 0};
        if (::poll(&wanted, 1, 100) <= 0) {
            continue;
        }
        const ssize_t n = ::recv(segments_, packet.data(), packet.size(), 0);
        iphdr ip{};
        tcphdr tcp{};
        if (n < static_cast<ssize_t>(sizeof ip + sizeof tcp)) continue;
        std::memcpy(&ip, packet.data(), sizeof ip);
        const std::size_t ip_bytes = ip.ihl * 4U;
        std::memcpy(&tcp, packet.data() + ip_bytes, sizeof tcp);
        if (ntohs(tcp.dest) != port_ || tcp.syn == 0 || tcp.ack != 0) continue;
        if (tcp.source == last_answered_) continue; // it asks again
        last_answered_ = tcp.source;
        std::array<unsigned char, 256> answer{};
        icmphdr icmp{};
        icmp.type = ICMP_DEST_UNREACH;
        icmp.code = ICMP_PROT_UNREACH;
        const std::size_t quoted_bytes = ip_bytes + quoted_of_tcp_bytes;
        std::memcpy(answer.data() + sizeof icmp, packet.data(), quoted_bytes);
        std::memcpy(answer.data(), &icmp, sizeof icmp);
        icmp.checksum = checksum(answer.data(), sizeof icmp + quoted_bytes);
        std::memcpy(answer.data(), &icmp, sizeof icmp);
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (::sendto(answers_, answer.data(), sizeof icmp + quoted_bytes, 0, generic(to), sizeof to) < 0) {
            fail("icmp");
        }
        return;
    }
    throw std::runtime_error(address_ + ": nobody connects");
}

} // namespace sangam::test
