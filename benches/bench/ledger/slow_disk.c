/* A disk as clouds have them: what has to last takes four milliseconds. Preloaded into PostgreSQL and
 * into the benchmark by benches/bench/ledger/slow_disk.rs. */
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static void wait_for_the_disk(void) {
    struct timespec left = {0, 4 * 1000 * 1000};
    while (nanosleep(&left, &left) != 0) {
    }
}

int fdatasync(int file) {
    wait_for_the_disk();
    return (int)syscall(SYS_fdatasync, file);
}

int fsync(int file) {
    wait_for_the_disk();
    return (int)syscall(SYS_fsync, file);
}
