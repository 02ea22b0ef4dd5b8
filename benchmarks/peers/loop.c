/* The limit: a Jacobi loop over FMUs' functions, with nothing around it. Each FMU gets its own copy of value
 * references and buffers, as a master that knows nothing of the FMUs would have. */
#include <stddef.h>
#include <string.h>

typedef int (*Access)(void *, const unsigned *, size_t, double *);
typedef int (*DoStep)(void *, double, double, int);

/* `from[j]` says which of the outputs, all FMUs' in a row, input j of them in a row takes; the first FMU of a chain
 * has no connected inputs and `skipped` is 1. With `record`, all outputs are copied after each step. */
int run(size_t n, size_t width, void **components, Access get, Access set, DoStep step, const unsigned *inputs,
        const unsigned *outputs, double *y, double *u, const ptrdiff_t *from, size_t skipped, size_t n_steps, double t,
        double h, double *record)
{
    const size_t size = n * width;
    for (size_t k = 0; k < n_steps; k++) {
        for (size_t j = skipped * width; j < size; j++) u[j] = y[from[j]];
        for (size_t i = skipped; i < n; i++)
            if (set(components[i], inputs, width, u + i * width)) return 1;
        for (size_t i = 0; i < n; i++)
            if (step(components[i], t + k * h, h, 1)) return 1;
        for (size_t i = 0; i < n; i++)
            if (get(components[i], outputs, width, y + i * width)) return 1;
        if (record) memcpy(record + k * size, y, size * sizeof *y);
    }
    return 0;
}
