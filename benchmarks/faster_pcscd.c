/* Preloaded into pcscd by benchmarks/insertions.py only: its polling pauses (400 ms for this driver) are cut by fifty,
   so that ten thousand insertions take minutes. Everything else is the real pcscd. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>

enum { TIMES_FASTER = 50 };

int nanosleep(const struct timespec *wanted, struct timespec *left)
{
    static int (*real)(const struct timespec *, struct timespec *);
    if (!real)
        real = (int (*)(const struct timespec *, struct timespec *))dlsym(RTLD_NEXT, "nanosleep");
    long long length = (wanted->tv_sec * 1000000000LL + wanted->tv_nsec) / TIMES_FASTER;
    struct timespec cut = {length / 1000000000LL, length % 1000000000LL};
    return real(&cut, left);
}

int usleep(unsigned int microseconds)
{
    struct timespec wanted = {microseconds / 1000000, microseconds % 1000000 * 1000L};
    return nanosleep(&wanted, 0);
}
