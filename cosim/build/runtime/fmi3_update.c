/* Inputs within a step of FMI 3.0: asked of the importer at a few points, then followed as the cubic through them.
 *
 * What the importer answers is thus used as exactly as derivatives given in FMI 2.0 if it is a polynomial of degree 3 or
 * less, at the price of three calls per communication step however many steps the solver makes in it.
 */
#include "fmi3_update.h"

#include <string.h>

int fmi3_set_intermediate(Instance *in, const fmi3ValueReference references[], size_t n,
                          fmi3IntermediateUpdateCallback update)
{
    for (size_t i = 0; i < n; i++) {
        const Variable *v = variables_find(in, "fmi3InstantiateCoSimulation", references[i], 1u << TYPE_REAL);
        if (v && v->slot == SLOT_INPUT) continue;
        if (v)
            instance_log(in, LOG_ERROR, "fmi3InstantiateCoSimulation: variable '%s' cannot be accessed within a step; "
                         "only continuous inputs can.", v->name);
        return 0;
    }
    if (n > 0) memcpy(&in->intermediate_update, &update, sizeof(update));
    return 1;
}

static void ask(Instance *in, double t)
{
    fmi3IntermediateUpdateCallback update;
    fmi3Boolean is_return_requested = fmi3False;
    fmi3Float64 return_time = t;
    memcpy(&update, &in->intermediate_update, sizeof(update));
    in->block[S_MODE] = MODE_INTERMEDIATE;
    update(in->environment, t, fmi3True, fmi3False, fmi3False, fmi3False, &is_return_requested, &return_time);
    in->block[S_MODE] = MODE_STEP;
}

void fmi3_ask_inputs(Instance *in, double t_end)
{
    size_t size = (size_t)in->model->nu * sizeof(double);
    double t = in->block[S_TIME], interval = (t_end - t) / INPUT_ORDERS, had_changed = in->block[S_INPUTS_CHANGED];
    inputs_hold(in);
    in->block[S_INPUTS_CHANGED] = 0.0;
    memcpy(in->u_begin, in->u, size);
    for (int k = 0; k < INPUT_ORDERS; k++) {
        ask(in, t + (k + 1) * interval);
        memcpy(in->u_rate[k], in->u, size);
    }
    memcpy(in->u, in->u_begin, size);
    if (in->block[S_INPUTS_CHANGED] != 0.0)
        inputs_fit(in, interval);
    else
        inputs_hold(in);
    in->block[S_INPUTS_CHANGED] = had_changed;
}
