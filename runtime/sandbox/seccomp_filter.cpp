#include "runtime/sandbox/seccomp_filter.hpp"

#include "runtime/sandbox/descriptor.hpp"

#include <array>
#include <cstdint>
#include <initializer_list>
#include <memory>

#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

namespace reverie {

namespace {

#ifndef CLONE_NEWTIME
constexpr std::uint64_t CLONE_NEWTIME = 0x00000080;
#endif

// What no tool needs: other processes' memory, the kernel's keys, programs, tracing and modules,
// the machine's clock, disks and power, files by handle (which is past all directories), and
// interfaces that holes were found in again and again.
constexpr std::array for_nobody{"ptrace",
                                "process_vm_readv",
                                "process_vm_writev",
                                "process_madvise",
                                "pidfd_getfd",
                                "kcmp",
                                "keyctl",
                                "add_key",
                                "request_key",
                                "bpf",
                                "perf_event_open",
                                "userfaultfd",
                                "kexec_load",
                                "kexec_file_load",
                                "init_module",
                                "finit_module",
                                "delete_module",
                                "create_module",
                                "get_kernel_syms",
                                "query_module",
                                "io_uring_setup",
                                "io_uring_enter",
                                "io_uring_register",
                                "open_by_handle_at",
                                "name_to_handle_at",
                                "fanotify_init",
                                "lookup_dcookie",
                                "quotactl",
                                "quotactl_fd",
                                "acct",
                                "swapon",
                                "swapoff",
                                "reboot",
                                "syslog",
                                "settimeofday",
                                "clock_settime",
                                "clock_settime64",
                                "clock_adjtime",
                                "clock_adjtime64",
                                "adjtimex",
                                "stime",
                                "iopl",
                                "ioperm",
                                "modify_ldt",
                                "vm86",
                                "vm86old",
                                "nfsservctl",
                                "uselib",
                                "ustat",
                                "sysfs",
                                "_sysctl",
                                "vhangup",
                                "personality",
                                "move_pages",
                                "migrate_pages"};

// What makes another view of files, names or users; only the zygote does, before the tool.
constexpr std::array for_namespaces{
  "mount",  "umount",      "umount2",       "pivot_root",     "chroot",       "unshare",
  "setns",  "sethostname", "setdomainname", "fsopen",         "fsconfig",     "fsmount",
  "fspick", "move_mount",  "open_tree",     "open_tree_attr", "mount_setattr"};

// SysV IPC and message queues are the machine's where there is no namespace for them.
constexpr std::array for_shared_ipc{"shmget", "shmat",  "shmctl",  "msgget",    "msgctl",
                                    "semget", "semctl", "mq_open", "mq_unlink", "ipc"};

using Context = std::unique_ptr<void, decltype(&seccomp_release)>;

class FilterBuilder {
 public:
  FilterBuilder() : context_(seccomp_init(SCMP_ACT_ALLOW), &seccomp_release) {
    if (!context_) failed_ = true;
    set(SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
  }

  // Names that this machine or library does not know are passed over.
  template <std::size_t size>
  void refuse_all(const std::array<const char*, size>& names) {
    for (const char* name : names) refuse(name, {});
  }

  void refuse(const char* name, std::initializer_list<scmp_arg_cmp> when, int error = EPERM) {
    const int call = seccomp_syscall_resolve_name(name);
    if (call == __NR_SCMP_ERROR || failed_) return;
    const int answer =
      seccomp_rule_add_array(context_.get(), SCMP_ACT_ERRNO(static_cast<std::uint32_t>(error)),
                             call, static_cast<unsigned>(when.size()), std::data(when));
    // Calls that this architecture has not got (-EDOM) cannot be made.
    if (answer != 0 && answer != -EDOM) failed_ = true;
  }

  Result<std::string> program() {
    const Error error{Errc::internal, "libseccomp made no filter", "sandbox"};
    if (failed_) return error;
    const Descriptor file(::memfd_create("filter", MFD_CLOEXEC));
    if (!file.is_open() || seccomp_export_bpf(context_.get(), file.get()) != 0) return error;
    std::string bytes(static_cast<std::size_t>(::lseek(file.get(), 0, SEEK_END)), '\0');
    const auto read = ::pread(file.get(), bytes.data(), bytes.size(), 0);
    if (bytes.empty() || read != static_cast<ssize_t>(bytes.size())) return error;
    return bytes;
  }

 private:
  void set(scmp_filter_attr attribute, std::uint32_t value) {
    if (!failed_ && seccomp_attr_set(context_.get(), attribute, value) != 0) failed_ = true;
  }

  Context context_;
  bool failed_ = false;
};

// Both would type into the terminal that the server was started from.
void refuse_terminal_tricks(FilterBuilder& filter) {
  constexpr std::uint64_t low_word = 0xffffffff;  // of the argument the kernel looks at that alone
  for (const std::uint64_t request : {std::uint64_t{TIOCSTI}, std::uint64_t{TIOCLINUX}})
    filter.refuse("ioctl", {SCMP_A1(SCMP_CMP_MASKED_EQ, low_word, request)});
}

void refuse_new_namespaces(FilterBuilder& filter) {
  filter.refuse_all(for_namespaces);
  for (const std::uint64_t flag :
       {std::uint64_t{CLONE_NEWNS}, std::uint64_t{CLONE_NEWUSER}, std::uint64_t{CLONE_NEWPID},
        std::uint64_t{CLONE_NEWNET}, std::uint64_t{CLONE_NEWIPC}, std::uint64_t{CLONE_NEWUTS},
        std::uint64_t{CLONE_NEWCGROUP}, std::uint64_t{CLONE_NEWTIME}})
    filter.refuse("clone", {SCMP_A0(SCMP_CMP_MASKED_EQ, flag, flag)});
  // Its flags are in memory, where no filter looks. The C library falls back to clone.
  filter.refuse("clone3", {}, ENOSYS);
}

// All but AF_UNIX (1), AF_INET (2) and AF_INET6 (10): no packets, netlink, vsock or what else there
// is.
void refuse_strange_sockets(FilterBuilder& filter) {
  for (std::uint64_t family = 3; family < AF_INET6; ++family)
    filter.refuse("socket", {SCMP_A0(SCMP_CMP_EQ, family)}, EAFNOSUPPORT);
  filter.refuse("socket", {SCMP_A0(SCMP_CMP_GT, AF_INET6)}, EAFNOSUPPORT);
}

// Pairs of streams alone, which reach each other and nothing else. One of datagrams could be made
// to send to any socket of the machine.
void refuse_sockets(FilterBuilder& filter) {
  constexpr std::uint64_t type_mask = 0xf;
  filter.refuse("socket", {}, EACCES);
  filter.refuse("socketpair", {SCMP_A0(SCMP_CMP_NE, AF_UNIX)}, EACCES);
  for (const std::uint64_t type : {std::uint64_t{SOCK_DGRAM}, std::uint64_t{SOCK_RAW}})
    filter.refuse("socketpair", {SCMP_A1(SCMP_CMP_MASKED_EQ, type_mask, type)}, EACCES);
  filter.refuse_all(for_shared_ipc);
}

}  // namespace

Result<std::string> seccomp_filter(FilterFor whom) {
  FilterBuilder filter;
  filter.refuse_all(for_nobody);
  refuse_terminal_tricks(filter);
  if (whom == FilterFor::process_call)
    refuse_sockets(filter);
  else
    refuse_strange_sockets(filter);
  if (whom != FilterFor::zygote) refuse_new_namespaces(filter);
  return filter.program();
}

}  // namespace reverie
