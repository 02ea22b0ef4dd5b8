/* Assertions and the messages that when-clauses fire, through the FMI logger. */
#include "instance.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define MOST_NAMES 4
#define MOST_CHARACTERS 960

/* A name between these in a message stands for the value of that variable. */
#define NAME_OPENS '\002'
#define NAME_CLOSES '\003'

static const Variable *find_variable(const Instance *in, const char *name, size_t n)
{
    for (int i = 0; i < in->model->nv; i++) {
        const char *other = in->model->variables[i].name;
        if (strncmp(other, name, n) == 0 && other[n] == '\0') return &in->model->variables[i];
    }
    return NULL;
}

static void write_value(Instance *in, const char *name, size_t n, char *text, size_t size)
{
    const Variable *v = find_variable(in, name, n);
    if (!v)
        snprintf(text, size, "%.*s", (int)n, name);
    else if (v->type == TYPE_BOOLEAN)
        snprintf(text, size, "%s", variables_value(in, (unsigned)(v - in->model->variables)) != 0.0 ? "true" : "false");
    else
        snprintf(text, size, "%.6g", variables_value(in, (unsigned)(v - in->model->variables)));
}

/* Fill the values in; they are those of the current point, whether or not its event iteration has settled. */
static void fill_in(Instance *in, const char *template, char *text, size_t size)
{
    size_t used = 0;
    if (strchr(template, NAME_OPENS)) {
        instance_touch(in);
        evaluate_derivatives(in);
        evaluate_outputs(in);
        instance_touch(in);
    }
    while (*template && used + 1 < size) {
        const char *end = *template == NAME_OPENS ? strchr(template, NAME_CLOSES) : NULL;
        if (end) {
            write_value(in, template + 1, (size_t)(end - template) - 1, text + used, size - used);
            used += strlen(text + used);
            template = end + 1;
        } else {
            text[used++] = *template++;
        }
    }
    text[used] = '\0';
}

static int report(Instance *in, const MessageText *message)
{
    char text[MOST_CHARACTERS];
    fill_in(in, message->text, text, sizeof(text));
    if (message->level == LEVEL_WARNING) {
        instance_log(in, LOG_WARNING, "Assertion at t = %.9g s: %s", in->block[S_TIME], text);
        return STATUS_OK;
    }
    if (message->level == LEVEL_TERMINATE) {
        instance_log(in, LOG_DISCARD, "The model terminated at t = %.9g s: %s", in->block[S_TIME], text);
        in->block[S_TERMINATED] = 1.0;
        return STATUS_TERMINATE;
    }
    instance_log(in, LOG_ERROR, "Assertion violated at t = %.9g s: %s", in->block[S_TIME], text);
    return STATUS_ERROR;
}

/* At the current point, z solved there. A warning is given when it becomes violated, not at every step. */
int messages_check_asserts(Instance *in)
{
    const Model *m = in->model;
    if (m->na == 0) return STATUS_OK;
    if (solve_blocks(in, in->block[S_TIME], in->x)) return STATUS_ERROR;
    evaluate_asserts(in);
    int status = STATUS_OK;
    for (int i = 0; i < m->na; i++) {
        int is_violated = in->asserted[i] == 0.0, was_seen = in->assert_seen[i] != 0.0;
        in->assert_seen[i] = is_violated;
        if (!is_violated || (was_seen && m->asserts[i].level == LEVEL_WARNING)) continue;
        if (report(in, &m->asserts[i]) == STATUS_ERROR) status = STATUS_ERROR;
    }
    return status;
}

int messages_report_fired(Instance *in)
{
    int status = STATUS_OK;
    for (int i = 0; i < in->model->nm; i++)
        if (in->fired[i] != 0.0 && report(in, &in->model->fired[i]) == STATUS_ERROR) status = STATUS_ERROR;
    return status;
}

static double computed_value(const Instance *in, const Variable *v)
{
    if (v->slot == SLOT_STATE) return in->x[v->index];
    if (v->slot == SLOT_DERIVATIVE) return in->f[v->index];
    if (v->slot == SLOT_OUTPUT) return in->y[v->index];
    return v->slot == SLOT_DISCRETE ? in->d[v->index] : 0.0;
}

/* List the variables in whose place stands no number; empty when there are none. */
static int list_not_finite(const Instance *in, char *text, size_t size)
{
    size_t used = 0;
    int found = 0;
    text[0] = '\0';
    for (int i = 0; i < in->model->nv; i++) {
        const Variable *v = &in->model->variables[i];
        if (fabs(computed_value(in, v)) < HUGE_VAL || found++ >= MOST_NAMES) continue;
        int n = snprintf(text + used, size - used, "%s'%s'", used ? ", " : "", v->name);
        if (n > 0 && (size_t)n < size - used) used += (size_t)n;
    }
    return found;
}

void messages_explain(Instance *in)
{
    char names[640];
    newton_explain(in, in->block[S_TIME]);
    if (in->newton.failed_block >= 0) return;
    evaluate_derivatives(in);
    evaluate_outputs(in);
    int found = list_not_finite(in, names, sizeof(names));
    if (found == 0) return;
    instance_log(in, LOG_ERROR,
                 "%d variable(s) of '%s' have no finite value at t = %.9g s: %s%s. A division by zero, the logarithm or "
                 "root of a negative number, or a system of equations without one solution is the cause. Check the "
                 "equations of these variables, and the parameters and inputs in them.",
                 found, in->model->name, in->block[S_TIME], names, found > MOST_NAMES ? ", ..." : "");
}
