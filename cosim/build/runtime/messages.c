/* Assertions and the messages that when-clauses fire, through the FMI logger. */
#include "instance.h"

static int report(Instance *in, const MessageText *message)
{
    if (message->level == LEVEL_WARNING) {
        instance_log(in, LOG_WARNING, "Assertion at t = %.9g s: %s", in->block[S_TIME], message->text);
        return STATUS_OK;
    }
    if (message->level == LEVEL_TERMINATE) {
        instance_log(in, LOG_DISCARD, "The model terminated at t = %.9g s: %s", in->block[S_TIME], message->text);
        in->block[S_TERMINATED] = 1.0;
        return STATUS_TERMINATE;
    }
    instance_log(in, LOG_ERROR, "Assertion violated at t = %.9g s: %s", in->block[S_TIME], message->text);
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
