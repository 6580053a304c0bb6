// Messages with control data: how a datagram arrived, from where one leaves, and what has become of an earlier one.

#define _GNU_SOURCE
#include "CSocketCore.h"

#include <errno.h>
#include <linux/errqueue.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

// More than all that a socket can be asked to tell.
enum { CONTROL_SIZE = 512 };

static void note_ipv4(struct csys_arrival *arrival, const struct cmsghdr *header) {
  if (header->cmsg_type == IP_PKTINFO) {
    struct in_pktinfo info;
    memcpy(&info, CMSG_DATA(header), sizeof info);
    arrival->interface = (uint32_t)info.ipi_ifindex;
    if (arrival->family == AF_INET6) {
      // IPv4 on a socket of IPv6, which has told the address in IPv6's clothes: that may be everybody's.
      memcpy(arrival->local, (uint8_t[12]){[10] = 0xFF, [11] = 0xFF}, 12);
      memcpy(arrival->local + 12, &info.ipi_spec_dst, sizeof info.ipi_spec_dst);
    } else {
      arrival->family = AF_INET;
      memcpy(arrival->to, &info.ipi_addr, sizeof info.ipi_addr);
      memcpy(arrival->local, &info.ipi_spec_dst, sizeof info.ipi_spec_dst);
    }
  } else if (header->cmsg_type == IP_TTL) {
    memcpy(&arrival->hop_limit, CMSG_DATA(header), sizeof arrival->hop_limit);
  } else if (header->cmsg_type == IP_TOS) {
    arrival->traffic_class = *CMSG_DATA(header);
  }
}

static void note_ipv6(struct csys_arrival *arrival, const struct cmsghdr *header) {
  if (header->cmsg_type == IPV6_PKTINFO) {
    struct in6_pktinfo info;
    memcpy(&info, CMSG_DATA(header), sizeof info);
    arrival->family = AF_INET6;
    arrival->interface = info.ipi6_ifindex;
    memcpy(arrival->to, &info.ipi6_addr, sizeof info.ipi6_addr);
    if (!IN6_IS_ADDR_V4MAPPED(&info.ipi6_addr)) memcpy(arrival->local, &info.ipi6_addr, sizeof info.ipi6_addr);
  } else if (header->cmsg_type == IPV6_HOPLIMIT) {
    memcpy(&arrival->hop_limit, CMSG_DATA(header), sizeof arrival->hop_limit);
  } else if (header->cmsg_type == IPV6_TCLASS) {
    memcpy(&arrival->traffic_class, CMSG_DATA(header), sizeof arrival->traffic_class);
  }
}

void csys_note_socket_arrival(struct csys_arrival *arrival, const struct cmsghdr *header) {
  if (header->cmsg_type == SCM_TIMESTAMPNS) {
    struct timespec time;
    memcpy(&time, CMSG_DATA(header), sizeof time);
    arrival->has_time = true;
    arrival->seconds = time.tv_sec;
    arrival->nanoseconds = time.tv_nsec;
  } else if (header->cmsg_type == SCM_TIMESTAMP) {
    struct timeval time;
    memcpy(&time, CMSG_DATA(header), sizeof time);
    arrival->has_time = true;
    arrival->seconds = time.tv_sec;
    arrival->nanoseconds = time.tv_usec * 1000;
  } else if (header->cmsg_type == SO_RXQ_OVFL) {
    uint32_t dropped;
    memcpy(&dropped, CMSG_DATA(header), sizeof dropped);
    arrival->dropped = dropped;
  }
}

ssize_t csys_recvmsg_arrival(int32_t fd, void *buffer, size_t count, int32_t flags, void *address, uint32_t *length,
                             int32_t *received_flags, struct csys_arrival *arrival) {
  _Alignas(struct cmsghdr) char control[CONTROL_SIZE];
  struct iovec vector = {.iov_base = buffer, .iov_len = count};
  struct msghdr message = {.msg_name = address,
                           .msg_namelen = *length,
                           .msg_iov = &vector,
                           .msg_iovlen = 1,
                           .msg_control = control,
                           .msg_controllen = sizeof control};
  ssize_t received = recvmsg(fd, &message, flags);
  if (received < 0) return -errno;
  *length = message.msg_namelen;
  *received_flags = message.msg_flags;
  *arrival = csys_no_arrival();
  // What IPv6 tells is known before what IPv4 tells of the same.
  for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header != NULL; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level == IPPROTO_IPV6) note_ipv6(arrival, header);
    if (header->cmsg_level == SOL_SOCKET) csys_note_socket_arrival(arrival, header);
  }
  for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header != NULL; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level == IPPROTO_IP) note_ipv4(arrival, header);
  }
  return received;
}

ssize_t csys_sendmsg_from(int32_t fd, const void *buffer, size_t count, int32_t flags, const void *address,
                          uint32_t length, int32_t family, const void *source) {
  _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(struct in6_pktinfo))] = {0};
  struct iovec vector = {.iov_base = (void *)buffer, .iov_len = count};
  struct msghdr message = {.msg_name = (void *)address,
                           .msg_namelen = length,
                           .msg_iov = &vector,
                           .msg_iovlen = 1,
                           .msg_control = control};
  struct cmsghdr *header = (struct cmsghdr *)control;
  if (family == AF_INET) {
    struct in_pktinfo info = {0};
    memcpy(&info.ipi_spec_dst, source, sizeof info.ipi_spec_dst);
    *header = (struct cmsghdr){
        .cmsg_level = IPPROTO_IP, .cmsg_type = IP_PKTINFO, .cmsg_len = CMSG_LEN(sizeof info)};
    memcpy(CMSG_DATA(header), &info, sizeof info);
    message.msg_controllen = CMSG_SPACE(sizeof info);
  } else {
    struct in6_pktinfo info = {0};
    memcpy(&info.ipi6_addr, source, sizeof info.ipi6_addr);
    *header = (struct cmsghdr){
        .cmsg_level = IPPROTO_IPV6, .cmsg_type = IPV6_PKTINFO, .cmsg_len = CMSG_LEN(sizeof info)};
    memcpy(CMSG_DATA(header), &info, sizeof info);
    message.msg_controllen = CMSG_SPACE(sizeof info);
  }
  ssize_t sent = sendmsg(fd, &message, flags);
  return sent < 0 ? -errno : sent;
}

ssize_t csys_recv_error(int32_t fd, void *address, uint32_t *length, struct csys_datagram_error *report) {
  _Alignas(struct cmsghdr) char control[CONTROL_SIZE];
  struct iovec vector = {.iov_base = report->beginning, .iov_len = sizeof report->beginning};
  struct msghdr message = {.msg_name = address,
                           .msg_namelen = *length,
                           .msg_iov = &vector,
                           .msg_iovlen = 1,
                           .msg_control = control,
                           .msg_controllen = sizeof control};
  ssize_t received = recvmsg(fd, &message, MSG_ERRQUEUE | MSG_DONTWAIT);
  if (received < 0) return -errno;
  *length = message.msg_namelen;
  report->number = 0;
  for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header != NULL; header = CMSG_NXTHDR(&message, header)) {
    bool is_error = (header->cmsg_level == IPPROTO_IP && header->cmsg_type == IP_RECVERR) ||
                    (header->cmsg_level == IPPROTO_IPV6 && header->cmsg_type == IPV6_RECVERR);
    if (!is_error) continue;
    struct sock_extended_err error;
    memcpy(&error, CMSG_DATA(header), sizeof error);
    report->number = (int32_t)error.ee_errno;
    report->is_icmp = error.ee_origin == SO_EE_ORIGIN_ICMP || error.ee_origin == SO_EE_ORIGIN_ICMP6;
    report->type = error.ee_type;
    report->code = error.ee_code;
    report->offender_length = 0;
    size_t rest = header->cmsg_len - CMSG_LEN(sizeof error);
    if (report->is_icmp && rest >= sizeof(struct sockaddr_in)) {
      report->offender_length = (uint32_t)(rest < sizeof report->offender ? rest : sizeof report->offender);
      memcpy(report->offender, CMSG_DATA(header) + sizeof error, report->offender_length);
    }
  }
  return received;
}

bool csys_interface_address(uint32_t index, uint8_t address[4]) {
  struct ifreq request = {0};
  if (if_indextoname(index, request.ifr_name) == NULL) return false;
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  bool found = ioctl(fd, SIOCGIFADDR, &request) == 0;
  if (found) memcpy(address, &((struct sockaddr_in *)&request.ifr_addr)->sin_addr, 4);
  close(fd);
  return found;
}
