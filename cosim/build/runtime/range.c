/* Whether inputs and parameters lie within their min and max, as Modelica demands of every variable that has them.
 *
 * Setting a value only notes that one may lie outside; before the next step it is looked for and named. So an importer
 * may try values on its way to others, and values within their range cost two comparisons.
 */
#include "instance.h"

#include <math.h>
#include <stdio.h>

/* An input so far outside, in part of its range, got there by the tolerance of another solver; of a range with one end
 * that is zero, in its unit. A parameter is given as it is meant. */
#define INPUT_SLACK 1e-6
#define ZERO_SLACK 1e-9
#define PARAMETER_SLACK 1e-12
#define UNBOUNDED 1e300
#define MOST_NAMED 8

int range_is_outside(const Variable *v, double value)
{
    double low = v->minimum, high = v->maximum, bound = value < low ? low : high, distance = fabs(value - bound);
    if (value >= low && value <= high) return 0;
    if (v->slot != SLOT_INPUT) return distance > PARAMETER_SLACK * fabs(bound);
    if (low > -UNBOUNDED && high < UNBOUNDED) return distance > INPUT_SLACK * (high - low);
    return distance > (bound == 0.0 ? ZERO_SLACK : INPUT_SLACK * fabs(bound));
}

static void describe_range(const Variable *v, char *text, size_t size)
{
    const char *space = *v->unit ? " " : "";
    if (v->minimum <= -UNBOUNDED)
        snprintf(text, size, "at most %.9g%s%s", v->maximum, space, v->unit);
    else if (v->maximum >= UNBOUNDED)
        snprintf(text, size, "at least %.9g%s%s", v->minimum, space, v->unit);
    else
        snprintf(text, size, "from %.9g to %.9g%s%s", v->minimum, v->maximum, space, v->unit);
}

/* STATUS_ERROR when a value that was set, or a start value, lies outside its range; names each of them. */
int range_check(Instance *in)
{
    char range[96];
    int found = 0;
    if (!in->may_be_outside) return STATUS_OK;
    for (int i = 0; i < in->model->nv && found < MOST_NAMED; i++) {
        const Variable *v = &in->model->variables[i];
        if (v->slot != SLOT_INPUT && (v->settable == SET_NEVER || v->slot != SLOT_PARAMETER)) continue;
        double value = variables_value(in, (unsigned)i);
        if (!range_is_outside(v, value)) continue;
        describe_range(v, range, sizeof(range));
        instance_log(in, LOG_ERROR,
                     "Assertion violated at t = %.9g s: the %s '%s' is %.9g%s%s, outside its range, %s. Give it a value "
                     "within.",
                     in->block[S_TIME], v->slot == SLOT_INPUT ? "input" : "parameter", v->name, value,
                     *v->unit ? " " : "", v->unit, range);
        found++;
    }
    in->may_be_outside = found > 0;
    return found ? STATUS_ERROR : STATUS_OK;
}
