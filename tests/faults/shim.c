/* Counts what one folder's files and all sockets are asked for, and makes the n-th call fail or end the process.
 * Preloaded into the terminal's document path by the fault matrix; the terminal itself knows nothing of it.
 *
 * A power cut is more than SIGKILL: what was not synced is gone. So each fsync copies the file to a shadow, and a
 * directory's fsync notes its names; the matrix puts the shadow back after a cut (world.py).
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { SYNC, WRITE, SEND, RECEIVE, OPERATIONS };

static char folder[PATH_MAX], shadow[PATH_MAX];
static int armed, busy, operation, fault_errno, sticky, kill_after, torn;
static long nth, counts[OPERATIONS], clock_shift;

#define REAL(name) __typeof__(&name) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

/* Everything is chosen here, by the test's child, before the work begins. */
void fault_arm(const char *where, const char *synced, int what, long when, int number, int stays, int after, int half,
               long shift) {
    snprintf(folder, sizeof folder, "%s", where);
    snprintf(shadow, sizeof shadow, "%s", synced);
    operation = what, nth = when, fault_errno = number, sticky = stays, kill_after = after, torn = half;
    clock_shift = shift;
    memset(counts, 0, sizeof counts);
    armed = 1;
}

long fault_count(int what) { return counts[what]; }

static int ours(int handle) {
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", handle);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return !strncmp(path, folder, strlen(folder)) && !strstr(path, "-shm");
}

static int internet(int handle) {
    struct sockaddr_storage address;
    socklen_t length = sizeof address;
    return !getsockname(handle, (struct sockaddr *)&address, &length) &&
           (address.ss_family == AF_INET || address.ss_family == AF_INET6);
}

static void die(void) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

/* Is this call the one? With an errno it fails (sticky: this one and all after it), without it the process ends. */
static int hit(int what) {
    long now = ++counts[what];
    if (!armed || what != operation) return 0;
    return sticky ? now >= nth : now == nth;
}

static int shifted;

static int fails(int what) {
    if (!hit(what)) return 0;
    if (clock_shift) { shifted = 1; return 0; }
    if (fault_errno) { errno = fault_errno; return 1; }
    if (!kill_after) die();
    return 0;
}

static void after(int what) {
    if (armed && what == operation && counts[what] == nth && kill_after && !fault_errno && !clock_shift) die();
}

static void copy_shadow(int handle) {
    struct stat about;
    if (!armed || !*shadow || fstat(handle, &about)) return;
    busy = 1;
    char to[PATH_MAX + 32];
    snprintf(to, sizeof to, "%s/%lu", shadow, (unsigned long)about.st_ino);
    if (S_ISDIR(about.st_mode)) {
        char link[64];
        snprintf(link, sizeof link, "/proc/self/fd/%d", handle);
        FILE *names = fopen(to, "w");
        DIR *entries = opendir(link);
        for (struct dirent *entry; entries && names && (entry = readdir(entries));)
            if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
                fprintf(names, "%lu %s\n", (unsigned long)entry->d_ino, entry->d_name);
        if (entries) closedir(entries);
        if (names) fclose(names);
    } else {
        int out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        char block[65536];
        char link[64];
        snprintf(link, sizeof link, "/proc/self/fd/%d", handle);
        int in = open(link, O_RDONLY);
        for (ssize_t got; in >= 0 && out >= 0 && (got = read(in, block, sizeof block)) > 0;)
            if (write(out, block, got) != got) break;
        if (in >= 0) close(in);
        if (out >= 0) close(out);
    }
    busy = 0;
}

static int sync_call(int handle, int (*real)(int)) {
    if (busy || !armed || !ours(handle)) return real(handle);
    if (fails(SYNC)) return -1;
    int result = real(handle);
    if (!result) copy_shadow(handle);
    after(SYNC);
    return result;
}

int fsync(int handle) { REAL(fsync); return sync_call(handle, real); }
int fdatasync(int handle) { REAL(fdatasync); return sync_call(handle, real); }

ssize_t pwrite64(int handle, const void *data, size_t size, off64_t at) {
    REAL(pwrite64);
    if (busy || !armed || !ours(handle)) return real(handle, data, size, at);
    if (torn && operation == WRITE && counts[WRITE] + 1 == nth) { real(handle, data, size / 2, at); die(); }
    if (fails(WRITE)) return -1;
    ssize_t result = real(handle, data, size, at);
    after(WRITE);
    return result;
}
ssize_t pwrite(int handle, const void *data, size_t size, off_t at) { return pwrite64(handle, data, size, at); }

ssize_t write(int handle, const void *data, size_t size) {
    REAL(write);
    if (busy || !armed || !ours(handle)) return real(handle, data, size);
    if (torn && operation == WRITE && counts[WRITE] + 1 == nth) { real(handle, data, size / 2); die(); }
    if (fails(WRITE)) return -1;
    ssize_t result = real(handle, data, size);
    after(WRITE);
    return result;
}

int ftruncate64(int handle, off64_t size) {
    REAL(ftruncate64);
    if (busy || !armed || !ours(handle)) return real(handle, size);
    if (fails(WRITE)) return -1;
    int result = real(handle, size);
    after(WRITE);
    return result;
}
int ftruncate(int handle, off_t size) { return ftruncate64(handle, size); }

ssize_t send(int handle, const void *data, size_t size, int flags) {
    REAL(send);
    if (!armed || !internet(handle)) return real(handle, data, size, flags);
    if (fails(SEND)) return -1;
    ssize_t result = real(handle, data, size, flags);
    after(SEND);
    return result;
}

ssize_t recv(int handle, void *data, size_t size, int flags) {
    REAL(recv);
    if (!armed || !internet(handle)) return real(handle, data, size, flags);
    ssize_t result = real(handle, data, size, flags);
    if (result > 0) {
        if (fails(RECEIVE)) return -1;
        after(RECEIVE);
    }
    return result;
}

int clock_gettime(clockid_t which, struct timespec *now) {
    REAL(clock_gettime);
    int result = real(which, now);
    if (shifted && which == CLOCK_REALTIME) now->tv_sec += clock_shift;
    return result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    REAL(gettimeofday);
    int result = real(now, zone);
    if (shifted) now->tv_sec += clock_shift;
    return result;
}
