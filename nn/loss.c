/* Losses. */
#include "loss.h"

#include <stdio.h>

/* 1/N sum (p - y)^2                                                                                  X.MSE.dp */
eddy_var eddy_mse_at(eddy_site site, eddy_var prediction, eddy_var target)
{
    eddy_tape *tape = prediction.tape ? prediction.tape : target.tape;
    eddy_shape p = eddy_shape_of(prediction), y = eddy_shape_of(target);
    if (p.rank >= 0 && y.rank >= 0 && !eddy_shape_equal(&p, &y)) {
        char text[400];
        snprintf(text, sizeof text, "mse: the prediction has shape %s and the target %s; they must be equal (eddy_reshape)",
                 eddy_shape_format(&p).text, eddy_shape_format(&y).text);
        return eddy_error_set_at(site, tape, text);
    }
    eddy_scope_push(tape, site, "mse", -1);
    eddy_var loss = eddy_mean(eddy_square(eddy_sub(prediction, target)));
    eddy_scope_pop(tape);
    return loss;
}
