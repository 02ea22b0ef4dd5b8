/* FMI 3.0's intermediate update: answers an FMU that asks for its inputs within a step; motion.py without Python.
 *
 * The instance environment that the FMU passes on is the address of a Motion. While no input moves, nothing is done.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef _WIN32
#define EXPORT __declspec(dllexport)
#else
#define EXPORT __attribute__((visibility("default")))
#endif

typedef struct {
    int32_t is_active, status; /* the worst that the FMU answered */
    double begin;              /* of the communication step [s] */
    void *instance;
    int (*set)(void *, const uint32_t *, size_t, const double *, size_t);
    size_t n;
    const uint32_t *references;
    const double *rates; /* values and derivatives of orders 1, 2, 3, n each, at `begin` */
    double *values;
} Motion;

EXPORT void motion_update(void *environment, double time, bool set_requested, bool get_allowed, bool is_step_finished,
                          bool can_return_early, bool *return_requested, double *return_time)
{
    Motion *m = environment;
    *return_requested = false;
    *return_time = time;
    (void)get_allowed, (void)is_step_finished, (void)can_return_early;
    if (!m->is_active || !set_requested || m->status > 1 || !(time >= m->begin)) return;
    double tau = time - m->begin;
    const double *u = m->rates, *u1 = u + m->n, *u2 = u1 + m->n, *u3 = u2 + m->n;
    for (size_t i = 0; i < m->n; i++) m->values[i] = u[i] + tau * (u1[i] + tau / 2 * (u2[i] + tau / 3 * u3[i]));
    int status = m->set(m->instance, m->references, m->n, m->values, m->n);
    if (status > m->status) m->status = status;
}
