/* The functions that elementwise.def names, on vectors. */
#ifndef EDDY_FUNCTIONS_H
#define EDDY_FUNCTIONS_H

#include "vector.h"

#define LANE_BY_LANE(name, function, dtype)                                                                            \
    static inline vector_##dtype name##_##dtype(vector_##dtype x)                                                      \
    {                                                                                                                  \
        for (int i = 0; i < LANES_##dtype; i++)                                                                        \
            x[i] = function(x[i]);                                                                                     \
        return x;                                                                                                      \
    }
#define LANES_BY_LANE(name, function, dtype)                                                                           \
    static inline vector_##dtype name##_##dtype(vector_##dtype x, vector_##dtype y)                                    \
    {                                                                                                                  \
        for (int i = 0; i < LANES_##dtype; i++)                                                                        \
            x[i] = function(x[i], y[i]);                                                                               \
        return x;                                                                                                      \
    }
#define BOTH(name) LANE_BY_LANE(name, name##f, f32) LANE_BY_LANE(name, name, f64)
BOTH(exp)
BOTH(expm1)
BOTH(log)
BOTH(log1p)
BOTH(sin)
BOTH(cos)
BOTH(tanh)
BOTH(fabs)
BOTH(erf)
BOTH(floor)
BOTH(ceil)
BOTH(rint)
BOTH(trunc)
#undef BOTH
LANES_BY_LANE(fmod, fmodf, f32)
LANES_BY_LANE(fmod, fmod, f64)
LANES_BY_LANE(pow, powf, f32)
LANES_BY_LANE(pow, pow, f64)
#undef LANE_BY_LANE
#undef LANES_BY_LANE

#endif
