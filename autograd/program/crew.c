/* The crew. A barrier is a few hundred cycles when all threads run; who waits longer gives the processor away. */
#include "crew.h"
#include "program.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/syscall.h>
long syscall(long number, ...); /* unistd.h hides it from programs that ask for POSIX */
#endif

enum { SPIN = 4000 }; /* looks before a waiting thread gives way: some tens of microseconds */

typedef struct crew_state {
    pthread_mutex_t busy; /* held by the run that the crew serves */
    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t wake;
    pthread_t worker[EDDY_MOST_THREADS];
    int32_t workers, asked; /* how many there are, and were to be: more cannot be had */
    bool stop;
    eddy_crew_job *job;
    void *context;
    int32_t count;
    atomic_uint call;    /* counts the jobs */
    atomic_int left;     /* workers that have not ended this one */
    atomic_int arrived;  /* at the barrier */
    atomic_uint barrier; /* counts those passed */
} crew_state;

static crew_state crew = { .busy = PTHREAD_MUTEX_INITIALIZER,
                           .lock = PTHREAD_MUTEX_INITIALIZER,
                           .wake = PTHREAD_COND_INITIALIZER };
static pthread_once_t once = PTHREAD_ONCE_INIT;
static atomic_int chosen; /* by eddy_set_threads; 0: not yet */

/* A child has no workers, and whoever held the locks is not there. */
static void begin_anew(void)
{
    pthread_mutex_init(&crew.busy, NULL);
    pthread_mutex_init(&crew.lock, NULL);
    pthread_cond_init(&crew.wake, NULL);
    crew.workers = crew.asked = 0;
    atomic_store(&crew.arrived, 0);
    atomic_store(&crew.left, 0);
}

static void watch_forks(void)
{
    pthread_atfork(NULL, NULL, begin_anew);
}

static void pause_a_little(int looks)
{
    if (looks > SPIN)
        sched_yield();
#if defined __x86_64__ || defined __i386__
    else
        __builtin_ia32_pause();
#endif
}

static void *work(void *argument)
{
    const int32_t index = (int32_t)(intptr_t)argument;
    unsigned seen = 0;
    for (;;) {
        for (int looks = 0; looks < SPIN && atomic_load_explicit(&crew.call, memory_order_acquire) == seen; looks++)
            pause_a_little(looks);
        pthread_mutex_lock(&crew.lock);
        while (atomic_load(&crew.call) == seen && !crew.stop)
            pthread_cond_wait(&crew.wake, &crew.lock);
        const bool stop = crew.stop;
        eddy_crew_job *const job = crew.job;
        void *const context = crew.context;
        const int32_t count = crew.count;
        seen = atomic_load(&crew.call);
        pthread_mutex_unlock(&crew.lock);
        if (stop)
            return NULL;
        if (index < count)
            job(context, index, count);
        atomic_fetch_sub_explicit(&crew.left, 1, memory_order_release);
    }
}

/* Workers 1, ..., most - 1, or as many as there can be; none is there yet. Signals are for the program's threads. */
static void hire(int32_t most)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    atomic_store(&crew.call, 0);
    crew.asked = most - 1;
    while (crew.workers < most - 1 &&
           !pthread_create(&crew.worker[crew.workers], NULL, work, (void *)(intptr_t)(crew.workers + 1)))
        crew.workers++;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static void dismiss(void)
{
    pthread_mutex_lock(&crew.lock);
    crew.stop = true;
    pthread_cond_broadcast(&crew.wake);
    pthread_mutex_unlock(&crew.lock);
    for (int32_t i = 0; i < crew.workers; i++)
        pthread_join(crew.worker[i], NULL);
    crew.workers = crew.asked = 0;
    crew.stop = false;
}

void eddy_crew_run(int32_t most, eddy_crew_job *job, void *context)
{
    pthread_once(&once, watch_forks);
    if (most < 2 || pthread_mutex_trylock(&crew.busy)) {
        job(context, 0, 1);
        return;
    }
    if (crew.asked < most - 1) {
        dismiss();
        hire(most);
    }
    const int32_t count = crew.workers + 1 < most ? crew.workers + 1 : most;
    if (count > 1) {
        pthread_mutex_lock(&crew.lock);
        crew.job = job;
        crew.context = context;
        crew.count = count;
        atomic_store(&crew.left, crew.workers);
        atomic_fetch_add_explicit(&crew.call, 1, memory_order_release);
        pthread_cond_broadcast(&crew.wake);
        pthread_mutex_unlock(&crew.lock);
    }
    job(context, 0, count);
    for (int looks = 0; count > 1 && atomic_load_explicit(&crew.left, memory_order_acquire); looks++)
        pause_a_little(looks);
    pthread_mutex_unlock(&crew.busy);
}

void eddy_crew_wait(int32_t count)
{
    const unsigned now = atomic_load_explicit(&crew.barrier, memory_order_relaxed);
    if (atomic_fetch_add_explicit(&crew.arrived, 1, memory_order_acq_rel) == count - 1) {
        atomic_store_explicit(&crew.arrived, 0, memory_order_relaxed);
        atomic_fetch_add_explicit(&crew.barrier, 1, memory_order_release);
        return;
    }
    for (int looks = 0; atomic_load_explicit(&crew.barrier, memory_order_acquire) == now; looks++)
        pause_a_little(looks);
}

/* ---- How many ---- */

static int32_t limited(long n)
{
    return n < 1 ? 1 : n > EDDY_MOST_THREADS ? EDDY_MOST_THREADS : (int32_t)n;
}

/* Those that the process may run on, which taskset, a container or a scheduler may have made fewer than there are: two
 * threads on one processor wait for each other. */
static long processors(void)
{
#ifdef __linux__
    uint64_t mask[64]; /* 4,096 processors; of more the call does not tell */
    const long bytes = syscall(SYS_sched_getaffinity, 0, sizeof mask, mask);
    long count = 0;
    for (long i = 0; i < bytes / (long)sizeof *mask; i++)
        count += __builtin_popcountll(mask[i]);
    if (count > 0)
        return count;
#endif
    return sysconf(_SC_NPROCESSORS_ONLN);
}

int32_t eddy_crew_size(bool *always)
{
    const char *said = getenv("EDDY_THREADS");
    char *end = NULL;
    long n = said ? strtol(said, &end, 10) : 0;
    if (!said || !*said || *end || n < 1)
        n = 0;
    *always = n && *said == '+';
    const int32_t count = atomic_load(&chosen);
    return count ? count : limited(n ? n : processors());
}

int eddy_threads(void)
{
    bool always;
    return eddy_crew_size(&always);
}

void eddy_set_threads(int count)
{
    atomic_store(&chosen, count > 0 ? limited(count) : 0);
    if (count != 1)
        return;
    pthread_mutex_lock(&crew.busy);
    dismiss();
    pthread_mutex_unlock(&crew.busy);
}
