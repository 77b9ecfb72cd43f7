/* The threads that programs run on: a crew of workers, made when first needed, which sleep between runs. It is one of
 * the library's few mutable globals: it lives until eddy_set_threads(1) or the process ends, serves one run at a time
 * (a run that finds it busy, as of a second tape in another thread, goes alone), and a forked child begins without. For
 * the files of autograd/program/ only. */
#ifndef EDDY_CREW_H
#define EDDY_CREW_H

#include <stdbool.h>
#include <stdint.h>

enum { EDDY_MOST_THREADS = 64 };

typedef void eddy_crew_job(void *context, int32_t index, int32_t count);

/* Calls job(context, index, count) once for each index on a thread of its own, 0 on the caller's, and returns when all
 * have returned. count is `most`, or fewer where threads cannot be had; 1 if the crew is busy. */
void eddy_crew_run(int32_t most, eddy_crew_job *job, void *context);
/* Within a job: returns when all `count` threads are here. What they wrote before is seen by all behind. */
void eddy_crew_wait(int32_t count);

/* eddy_threads(), and whether programs use that many even where they gain nothing (EDDY_THREADS=+3, for tests). */
int32_t eddy_crew_size(bool *always);

#endif
