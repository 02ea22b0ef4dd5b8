/* Two processes that wait for each other over shared memory: they spin for a while, then sleep in a futex.

   `words` is shared. A number at REQUEST asks, the same number at REPLY answers; the word after each says that someone
   sleeps until it changes. Whoever is interrupted while spinning, or spins in vain, spins less often from then on: there is
   no free core, or nothing to be gained. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/futex.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

enum { REQUEST = 0, REPLY = 8 };
enum { LOOKS = 64 };               /* between two looks at the clock */
static const int64_t GAP = 30000;  /* between two looks [ns] that tells of an interruption */
static const int MOST_SKIPPED = 1024;

static _Thread_local int skip, backoff = 1;

static int64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void rest(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

static int is(const int64_t *word, int64_t number) { return __atomic_load_n(word, __ATOMIC_ACQUIRE) == number; }

static int spin_until(const int64_t *word, int64_t number, int64_t longest) {
  if (skip > 0) {
    skip--;
    return 0;
  }
  for (int64_t begin = now(), last = begin, t;; last = t) {
    for (int i = 0; i < LOOKS; i++) {
      if (is(word, number)) {
        backoff = backoff > 1 ? backoff / 2 : 1;
        return 1;
      }
      rest();
    }
    t = now();
    if (t - last > GAP) backoff = MOST_SKIPPED;
    if (t - last > GAP || t - begin > longest) break;
  }
  skip = backoff;
  backoff = 4 * backoff < MOST_SKIPPED ? 4 * backoff : MOST_SKIPPED;
  return 0;
}

static int wait_until(int64_t *words, int which, int64_t number, int64_t spin, int64_t patience) {
  int64_t *word = words + which;
  if (is(word, number) || (spin > 0 && spin_until(word, number, spin))) return 0;
  int64_t end = now() + patience, left = patience;
  __atomic_store_n(word + 1, 1, __ATOMIC_SEQ_CST);
  while (left > 0) {
    int64_t seen = __atomic_load_n(word, __ATOMIC_SEQ_CST);
    if (seen == number) break;
    struct timespec time = {left / 1000000000, left % 1000000000};
    syscall(SYS_futex, (uint32_t *)word, FUTEX_WAIT, (uint32_t)seen, &time, 0, 0);
    left = end - now();
  }
  __atomic_store_n(word + 1, 0, __ATOMIC_SEQ_CST);
  return !is(word, number);
}

static void post(int64_t *words, int which, int64_t number) {
  __atomic_store_n(words + which, number, __ATOMIC_SEQ_CST);
  if (__atomic_load_n(words + which + 1, __ATOMIC_SEQ_CST)) syscall(SYS_futex, (uint32_t *)(words + which), FUTEX_WAKE, 1, 0, 0, 0);
}

/* Each returns 0 when what it waits for has come, 1 after `patience` [ns]. */
EXPORT int lane_ask(int64_t *words, int64_t number, int64_t spin, int64_t patience) {
  post(words, REQUEST, number);
  return wait_until(words, REPLY, number, spin, patience);
}

EXPORT int lane_await(int64_t *words, int64_t number, int64_t patience) {
  return wait_until(words, REPLY, number, 0, patience);
}

EXPORT void lane_tell(int64_t *words, int64_t number) { post(words, REQUEST, number); }

EXPORT int lane_answer(int64_t *words, int64_t number, int64_t spin, int64_t patience) {
  if (number > 0) post(words, REPLY, number);
  return wait_until(words, REQUEST, number + 1, spin, patience);
}

EXPORT int lane_listen(int64_t *words, int64_t number, int64_t patience) {
  return wait_until(words, REQUEST, number, 0, patience);
}
